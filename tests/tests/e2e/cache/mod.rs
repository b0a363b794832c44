//! The cache alone (`examples/plain-cache.toml`) on real workerd, before an independent origin.

mod origin;
mod passing;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use origin::{Origin, Reply};
use reqwest::Method;
use tests::wait;
use xtask::edge_build::{self, Built};
use xtask::progress::Progress;
use xtask::tools::Tools;
use xtask::workerd::{Options, Workerd};

struct Cache {
    origin: Origin,
    client: reqwest::Client,
    workerd: Workerd,
    _folder: Folder,
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed is cleared away with the target folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An answer whose status, fields and body are the origin's own, so that no promise of ours holds.
struct Told {
    status: u16,
    fields: reqwest::header::HeaderMap,
    body: String,
}

impl Told {
    fn field(&self, name: &str) -> &str {
        let value = self.fields.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    fn is_hit(&self) -> bool {
        self.field("cache-status").contains("; hit")
    }
}

fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let root = xtask::tools::root();
        let options = edge_build::Options {
            config: Some(root.join("examples/plain-cache.toml")),
            out: Some(root.join("target/edge-plain")),
            ..edge_build::Options::default()
        };
        edge_build::build(tools(), &options, Progress::shown()).unwrap()
    })
}

fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| Tools::ensure(Progress::shown()).unwrap())
}

impl Cache {
    async fn start() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("headgate-cache-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let origin = Origin::start().await;
        let keys = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let options = Options::edge(&built().folder, &folder, &origin.url(), keys);
        let workerd = Workerd::start(tools(), &options).unwrap();
        Self {
            origin,
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            workerd,
            _folder: Folder(folder),
        }
    }

    async fn send(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Told {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.workerd.url(0));
        let mut request = self.client.request(method, url);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, fields) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.unwrap();
        Told {
            status,
            fields,
            body,
        }
    }

    async fn get(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        self.send("GET", path, fields).await
    }

    /// Asks until what is stored answers: it is stored behind the first answer.
    async fn hit(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        wait::until("a hit", async || {
            Some(self.get(path, fields).await).filter(Told::is_hit)
        })
        .await
    }

    /// Asks until what is stored no longer answers by itself.
    async fn beyond(&self, path: &str) -> Told {
        wait::until("an end of freshness", async || {
            Some(self.get(path, &[]).await).filter(|told| !told.is_hit())
        })
        .await
    }
}

fn says(status: u16, fields: &[(&'static str, &str)], body: &str) -> Reply {
    let fields = fields
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    Reply::Whole(status, fields.collect(), body.to_owned())
}

const FRESH: (&str, &str) = ("cache-control", "max-age=3600");

#[tokio::test]
async fn any_status_is_stored_as_it_came() {
    let cache = Cache::start().await;
    for status in [
        200, 203, 204, 299, 301, 302, 307, 400, 404, 410, 499, 500, 503, 599,
    ] {
        let body = if status == 204 { "" } else { "body" };
        let fields = [
            FRESH,
            ("set-cookie", "a=b"),
            ("x-a", "1"),
            ("etag", "\"1\""),
        ];
        cache.origin.say(says(status, &fields, body));
        let path = format!("/v1/{status}?b=1&a=2");
        let first = cache.get(&path, &[]).await;
        assert_eq!((first.status, first.body.as_str()), (status, body));
        let hit = cache.hit(&path, &[]).await;
        assert_eq!((hit.status, hit.body.as_str()), (status, body));
        for (name, value) in [("set-cookie", "a=b"), ("x-a", "1"), ("etag", "\"1\"")] {
            assert_eq!(hit.field(name), value, "{status}");
        }
        assert!(!hit.field("age").is_empty(), "{status}");
        assert_eq!(hit.field("vary"), "", "{status}");
        let seen = cache.origin.seen();
        assert!(seen[0].starts_with(&format!("get {path} ")), "{seen:?}");
        assert!(!seen[0].contains("headgate"), "{seen:?}");
    }
}

#[tokio::test]
async fn bodies_of_any_form_are_stored() {
    let cache = Cache::start().await;
    let big = "x".repeat(300_000);
    let pieces: Vec<String> = (0..50).map(|n| format!("{n}-").repeat(1000)).collect();
    let fields = vec![("cache-control", "max-age=3600".to_owned())];
    cache.origin.say(says(200, &[FRESH], &big));
    assert_eq!(cache.get("/big", &[]).await.body, big);
    cache
        .origin
        .say(Reply::Chunked(fields.clone(), pieces.clone()));
    assert_eq!(cache.get("/pieces", &[]).await.body, pieces.concat());
    let huge = "x".repeat(edge::cache::BODY_BYTES_MAX + 1);
    cache.origin.say(says(200, &[FRESH], &huge));
    assert_eq!(cache.get("/huge", &[]).await.body, huge);
    cache.origin.say(Reply::Chunked(fields, vec![huge.clone()]));
    assert_eq!(cache.get("/huge-pieces", &[]).await.body, huge);
    cache.origin.say(says(200, &[], "other"));
    assert_eq!(cache.hit("/big", &[]).await.body, big);
    assert_eq!(cache.hit("/pieces", &[]).await.body, pieces.concat());
    for path in ["/huge", "/huge-pieces"] {
        assert_eq!(cache.get(path, &[]).await.body, "other", "{path}");
    }
}

#[tokio::test]
async fn variants_conditions_and_ranges() {
    let cache = Cache::start().await;
    for foo in ["1", "2"] {
        cache.origin.say(says(200, &[FRESH, ("vary", "Foo")], foo));
        cache.get("/vary", &[("foo", foo)]).await;
    }
    for foo in ["1", "2"] {
        assert_eq!(cache.hit("/vary", &[("foo", foo)]).await.body, foo);
    }
    let date = "Thu, 01 Jan 1998 00:00:00 GMT";
    let fields = [FRESH, ("etag", "\"1\""), ("last-modified", date)];
    cache.origin.say(says(200, &fields, "0123456789"));
    cache.get("/x", &[]).await;
    cache.hit("/x", &[]).await;
    cache.origin.say(Reply::Nothing);
    for (fields, status, body) in [
        (&[("if-none-match", "\"0\", W/\"1\"")][..], 304, ""),
        (
            &[("if-none-match", "\"0\""), ("if-modified-since", date)],
            200,
            "0123456789",
        ),
        (
            &[("if-modified-since", "Thursday, 01-Jan-98 00:00:00 GMT")],
            304,
            "",
        ),
        (&[("range", "bytes=2-3")], 206, "23"),
        (&[("range", "bytes=-2")], 206, "89"),
        (&[("range", "bytes=2-3"), ("if-range", "\"1\"")], 206, "23"),
        (
            &[("range", "bytes=2-3"), ("if-range", "W/\"1\"")],
            200,
            "0123456789",
        ),
    ] {
        let told = cache.get("/x", fields).await;
        assert_eq!(
            (told.status, told.body.as_str()),
            (status, body),
            "{fields:?}"
        );
        assert!(told.is_hit(), "{fields:?}");
    }
    let beyond = cache.get("/x", &[("range", "bytes=10-")]).await;
    assert_eq!(
        (beyond.status, beyond.field("content-range")),
        (416, "bytes */10")
    );
    assert!(beyond.is_hit() && beyond.body.contains("range_not_satisfiable"));
    let head = cache.send("HEAD", "/x", &[]).await;
    assert_eq!((head.status, head.field("etag")), (200, "\"1\""));
}

#[tokio::test]
async fn what_changed_is_forgotten_before_its_answer() {
    let cache = Cache::start().await;
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for (status, forgotten) in [(200, true), (500, false)] {
            let path = format!("/{method}/{status}");
            cache
                .origin
                .say(says(200, &[FRESH, ("vary", "foo")], "old"));
            cache.get(&path, &[]).await;
            cache.hit(&path, &[]).await;
            cache.origin.say(says(status, &[], ""));
            let change = cache
                .send(method, &path, &[("content-type", "text/plain")])
                .await;
            assert_eq!(change.status, status);
            cache.origin.say(says(200, &[FRESH], "new"));
            let expected = if forgotten { "new" } else { "old" };
            assert_eq!(
                cache.get(&path, &[]).await.body,
                expected,
                "{method} {status}"
            );
        }
    }
    let named = [FRESH, ("content-location", "/self")];
    cache.origin.say(says(200, &named, "made"));
    cache.send("POST", "/self", &[]).await;
    cache.origin.say(Reply::Nothing);
    assert_eq!(cache.hit("/self", &[]).await.body, "made");
}

#[tokio::test]
async fn stale_is_asked_about() {
    let cache = Cache::start().await;
    let fields = [
        ("cache-control", "max-age=1"),
        ("etag", "\"1\""),
        ("x-a", "1"),
    ];
    cache.origin.say(says(200, &fields, "body"));
    cache.get("/x", &[]).await;
    cache.hit("/x", &[]).await;
    cache.origin.seen();
    cache
        .origin
        .say(says(304, &[FRESH, ("etag", "\"1\""), ("x-a", "2")], ""));
    let asked = cache.beyond("/x").await;
    assert_eq!(
        (asked.status, asked.body.as_str(), asked.field("x-a")),
        (200, "body", "2")
    );
    assert!(
        cache
            .origin
            .seen()
            .last()
            .unwrap()
            .contains("if-none-match: \"1\"")
    );
    let hit = cache.hit("/x", &[]).await;
    assert_eq!((hit.body.as_str(), hit.field("x-a")), ("body", "2"));
}

#[tokio::test]
async fn stale_answers_where_it_may() {
    let cache = Cache::start().await;
    for (path, control) in [
        ("/may", "max-age=1"),
        ("/error", "max-age=1, stale-if-error=60"),
        ("/must", "max-age=1, must-revalidate"),
        ("/behind", "max-age=1, stale-while-revalidate=60"),
    ] {
        cache
            .origin
            .say(says(200, &[("cache-control", control)], "old"));
        cache.get(path, &[]).await;
        cache.hit(path, &[]).await;
    }
    cache.origin.say(Reply::Nothing);
    assert_eq!(cache.beyond("/must").await.status, 504);
    let may = cache.beyond("/may").await;
    assert_eq!((may.status, may.body.as_str()), (200, "old"));
    cache.origin.say(says(503, &[], "down"));
    let error = cache.beyond("/error").await;
    assert_eq!((error.status, error.body.as_str()), (200, "old"));
    assert!(error.field("cache-status").contains("fwd-status=503"));
    assert_eq!(cache.beyond("/may").await.status, 503);
    cache.origin.say(says(200, &[FRESH], "new"));
    assert_eq!(cache.get("/behind", &[]).await.body, "old");
    wait::until("the new one", async || {
        (cache.get("/behind", &[]).await.body == "new").then_some(())
    })
    .await;
}
