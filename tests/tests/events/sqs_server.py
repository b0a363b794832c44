"""SQS for tests, by moto. It writes its port to a file.

One request at a time: moto takes from a queue without a lock, so that of two who ask at once each may get
a message of one group, which SQS never does. And without what costs it time by each message of a queue at
each request: a slow clock, and counts that nobody here asks for.

sqs_server.py FILE"""

import functools
import pathlib
import sys
import time

from moto.server import DomainDispatcherApplication, create_backend_app
from moto.sqs import models
from werkzeug.serving import make_server

models.unix_time = time.time
models.unix_time_millis = lambda: time.time() * 1000
models.camelcase_to_underscores = functools.cache(models.camelcase_to_underscores)
for count in ("", "_delayed", "_not_visible"):
    setattr(models.Queue, f"approximate_number_of_messages{count}", 0)

if __name__ == "__main__":
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=False)
    file = pathlib.Path(sys.argv[1])
    part = file.with_suffix(".part")
    part.write_text(str(server.port))
    part.rename(file)
    server.serve_forever()
