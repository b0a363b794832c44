//! Several locations on one real workerd: what they share, what they don't, what a crash leaves.

use std::path::Path;

use xtask::progress::Progress;
use xtask::tools::Tools;
use xtask::workerd::{Options, Workerd};

/// Counts in a Durable Object, and keeps what it is told to in the Cache API.
const WORKER: &str = r#"
export class Counter {
  constructor(state) { this.state = state; }
  async fetch() {
    const sql = this.state.storage.sql;
    sql.exec("CREATE TABLE IF NOT EXISTS n (k INTEGER PRIMARY KEY, v INTEGER)");
    sql.exec("INSERT INTO n VALUES (1, 1) ON CONFLICT (k) DO UPDATE SET v = v + 1");
    return new Response(String([...sql.exec("SELECT v FROM n")][0].v));
  }
}
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const key = "http://cache/" + url.search;
    switch (url.pathname) {
      case "/count": {
        const id = env.COUNTER.idFromName("one");
        return env.COUNTER.get(id).fetch("http://object/");
      }
      case "/put": {
        const headers = { "cache-control": "max-age=60", "x-kept": "yes" };
        const body = "x".repeat(Number(url.searchParams.get("bytes")));
        await caches.default.put(key, new Response(body, { headers }));
        return new Response("put");
      }
      case "/delete":
        return new Response(String(await caches.default.delete(key)));
      default: {
        const hit = await caches.default.match(key);
        if (hit === undefined) return new Response("miss");
        return new Response(`${hit.headers.get("x-kept")} ${(await hit.text()).length}`);
      }
    }
  },
};
"#;

fn start(folder: &Path) -> Workerd {
    std::fs::write(folder.join("entry.js"), WORKER).unwrap();
    let tools = Tools::ensure(Progress::quiet()).unwrap();
    let mut options = Options::edge(folder, &folder.join("state"), "http://127.0.0.1:1", "");
    options.objects = vec![("COUNTER".into(), "Counter".into())];
    options.edges = 2;
    options.cache_bytes_max = 80_000;
    Workerd::start(&tools, &options).unwrap()
}

fn get(workerd: &Workerd, edge: usize, path: &str) -> String {
    let url = format!("{}{path}", workerd.url(edge));
    ureq::get(&url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap()
}

#[test]
fn locations_share_objects_and_a_crash_leaves_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut workerd = start(folder.path());
    assert_eq!(get(&workerd, 0, "/count"), "1");
    assert_eq!(get(&workerd, 1, "/count"), "2");
    workerd.kill();
    workerd.restart().unwrap();
    assert_eq!(get(&workerd, 1, "/count"), "3");
    assert_eq!(get(&workerd, 0, "/count"), "4");
}

#[test]
fn each_location_has_a_cache_with_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let workerd = start(folder.path());
    for (edge, path, expected) in [
        (0, "/?bytes=1000", "miss"),
        (0, "/put?bytes=1000", "put"),
        (0, "/?bytes=1000", "yes 1000"),
        // Another location has not seen it.
        (1, "/?bytes=1000", "miss"),
        (0, "/delete?bytes=1000", "true"),
        (0, "/delete?bytes=1000", "false"),
        (0, "/?bytes=1000", "miss"),
        // Larger than an eighth of the whole: not kept.
        (0, "/put?bytes=20000", "put"),
        (0, "/?bytes=20000", "miss"),
    ] {
        assert_eq!(get(&workerd, edge, path), expected, "{path} at {edge}");
    }
    for n in 0..12 {
        get(&workerd, 0, &format!("/put?bytes=9000&n={n}"));
        // Used again and again, so it is never the oldest.
        assert_eq!(get(&workerd, 0, "/?bytes=9000&n=0"), "yes 9000");
    }
    assert_eq!(get(&workerd, 0, "/?bytes=9000&n=1"), "miss");
    assert_eq!(get(&workerd, 0, "/?bytes=9000&n=11"), "yes 9000");
}
