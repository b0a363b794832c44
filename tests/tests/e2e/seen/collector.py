"""A collector of traces: takes OTLP over HTTP, protobuf and JSON, by OpenTelemetry's own definitions, and
appends each span to a file as a line of JSON.

Whatever those definitions do not know is refused with 400, as a collector does.
"""

import base64
import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

FILE, PORT = sys.argv[1], int(sys.argv[2])
LOCK = Lock()


def of_json(body):
    """OTLP's JSON has ids in hexadecimal, where protobuf's mapping has base64."""
    document = json.loads(body)
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name in ("traceId", "spanId", "parentSpanId"):
                    if name in span:
                        raw = bytes.fromhex(span[name])
                        span[name] = base64.b64encode(raw).decode()
    return json_format.ParseDict(document, ExportTraceServiceRequest())


def value(of):
    return getattr(of, of.WhichOneof("value"))


def spans(request):
    for resource in request.resource_spans:
        about = {one.key: value(one.value) for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                if len(span.trace_id) != 16 or len(span.span_id) != 8:
                    raise ValueError("ids have 16 and 8 bytes")
                yield {
                    "service": about["service.name"],
                    "trace": span.trace_id.hex(),
                    "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "name": span.name,
                    "kind": span.kind,
                    "began": span.start_time_unix_nano,
                    "ended": span.end_time_unix_nano,
                    "failed": span.status.code == 2,
                    "facts": {one.key: value(one.value) for one in span.attributes},
                }


class Collector(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            if self.path != "/v1/traces":
                raise ValueError(self.path)
            if self.headers["content-type"] == "application/json":
                request = of_json(body)
            else:
                request = ExportTraceServiceRequest.FromString(body)
            lines = [json.dumps(span) + "\n" for span in spans(request)]
        except Exception as error:  # Whatever it is, the sender is to blame.
            print(repr(error), file=sys.stderr, flush=True)
            return self.answer(400, b"")
        with LOCK, open(FILE, "a", encoding="utf-8") as out:
            out.write("".join(lines))
        self.answer(200, ExportTraceServiceResponse().SerializeToString())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Collector).serve_forever()
