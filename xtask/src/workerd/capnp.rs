//! workerd's configuration, written as Cap'n Proto text.
//!
//! - `edge-0` … `edge-N`: the same Worker, each on its own port with its own cache: N locations.
//! - `objects`: the one service that owns the Durable Objects, on disk. The edges' bindings name it,
//!   so that all locations speak to the same objects, as on Cloudflare.
//! - `cache-0` … `cache-N`: the back end of each edge's Cache API.
//! - `door`: asks the objects for edges of another process. There, `afar` is that door, `afar.js` stands
//!   before each edge, and `objects` is missing.

use std::fmt::Write;

/// One module of a Worker.
#[derive(Debug, Clone)]
pub(super) struct Module {
    /// Its name, by which other modules import it; its file, relative to the configuration.
    pub(super) path: String,
}

/// Everything that the text depends on.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) compatibility_date: String,
    pub(super) modules: Vec<Module>,
    /// Text bindings, by name.
    pub(super) texts: Vec<(String, String)>,
    /// Durable Object bindings, by name and class.
    pub(super) objects: Vec<(String, String)>,
    /// A port for each edge.
    pub(super) ports: Vec<u16>,
    pub(super) cache_bytes_max: u64,
    /// The folder of the objects' storage.
    pub(super) disk: String,
    /// The port by which edges of other processes reach the objects.
    pub(super) door: Option<u16>,
    /// The objects are behind this door of another process.
    pub(super) afar: Option<String>,
}

impl Plan {
    /// Whether the objects are of this process.
    fn has_objects(&self) -> bool {
        !self.objects.is_empty() && self.afar.is_none()
    }
}

/// The whole configuration.
pub(super) fn write(plan: &Plan) -> String {
    let mut text = String::from("using Workerd = import \"/workerd/workerd.capnp\";\n\n");
    text.push_str("const config :Workerd.Config = (\n  services = [\n");
    // Loopback and private addresses too: the origin usually has one.
    text.push_str("    (name = \"internet\", network = (allow = [\"public\", \"private\"])),\n");
    if plan.has_objects() {
        let disk = quote(&plan.disk);
        line(
            &mut text,
            &format!("    (name = \"disk\", disk = (path = {disk}, writable = true)),"),
        );
        text.push_str("    (name = \"objects\", worker = .objects),\n");
    }
    if let Some(address) = &plan.afar {
        let address = quote(address);
        line(
            &mut text,
            &format!("    (name = \"afar\", external = (address = {address}, http = ())),"),
        );
    }
    if plan.door.is_some() {
        text.push_str("    (name = \"door\", worker = .door),\n");
    }
    for edge in 0..plan.ports.len() {
        line(
            &mut text,
            &format!("    (name = \"edge-{edge}\", worker = .edge{edge}),"),
        );
        line(
            &mut text,
            &format!("    (name = \"cache-{edge}\", worker = .cache),"),
        );
    }
    text.push_str("  ],\n  sockets = [\n");
    for (edge, port) in plan.ports.iter().enumerate() {
        line(
            &mut text,
            &format!(
                "    (name = \"edge-{edge}\", address = \"127.0.0.1:{port}\", http = (), \
                 service = \"edge-{edge}\"),"
            ),
        );
    }
    if let Some(port) = plan.door {
        line(
            &mut text,
            &format!(
                "    (name = \"door\", address = \"127.0.0.1:{port}\", http = (), service = \"door\"),"
            ),
        );
    }
    text.push_str("  ],\n);\n");
    if plan.has_objects() {
        objects(&mut text, plan);
    }
    if plan.door.is_some() {
        door(&mut text, plan);
    }
    for edge in 0..plan.ports.len() {
        line(
            &mut text,
            &format!("\nconst edge{edge} :Workerd.Worker = ("),
        );
        worker(&mut text, plan);
        line(
            &mut text,
            &format!("  cacheApiOutbound = \"cache-{edge}\",\n);"),
        );
    }
    cache(&mut text, plan);
    text
}

fn objects(text: &mut String, plan: &Plan) {
    text.push_str("\nconst objects :Workerd.Worker = (\n");
    worker(text, plan);
    text.push_str(
        "  durableObjectStorage = (localDisk = \"disk\"),\n  durableObjectNamespaces = [\n",
    );
    for (_, class) in &plan.objects {
        let key = quote(&format!("headgate-{class}"));
        let class = quote(class);
        line(
            text,
            &format!("    (className = {class}, uniqueKey = {key}, enableSql = true),"),
        );
    }
    text.push_str("  ],\n);\n");
}

/// What asks the objects for edges of other processes.
fn door(text: &mut String, plan: &Plan) {
    text.push_str("\nconst door :Workerd.Worker = (\n");
    date(text, plan);
    text.push_str(
        "  modules = [(name = \"door.js\", esModule = embed \"door.js\")],\n  bindings = [\n",
    );
    namespaces(text, plan);
    text.push_str("  ],\n);\n");
}

fn date(text: &mut String, plan: &Plan) {
    line(
        text,
        &format!("  compatibilityDate = {},", quote(&plan.compatibility_date)),
    );
}

fn namespaces(text: &mut String, plan: &Plan) {
    for (name, class) in &plan.objects {
        let (name, class) = (quote(name), quote(class));
        line(
            text,
            &format!(
                "    (name = {name}, durableObjectNamespace = (className = {class}, \
                 serviceName = \"objects\")),"
            ),
        );
    }
}

fn worker(text: &mut String, plan: &Plan) {
    date(text, plan);
    text.push_str("  modules = [\n");
    if plan.afar.is_some() {
        // The first module is the Worker.
        text.push_str("    (name = \"afar.js\", esModule = embed \"afar.js\"),\n");
    }
    for module in &plan.modules {
        let path = quote(&module.path);
        let wasm = std::path::Path::new(&module.path)
            .extension()
            .is_some_and(|kind| kind == "wasm");
        let kind = if wasm { "wasm" } else { "esModule" };
        line(
            text,
            &format!("    (name = {path}, {kind} = embed {path}),"),
        );
    }
    text.push_str("  ],\n  bindings = [\n");
    for (name, value) in &plan.texts {
        line(
            text,
            &format!("    (name = {}, text = {}),", quote(name), quote(value)),
        );
    }
    if plan.afar.is_some() {
        text.push_str("    (name = \"AFAR\", service = \"afar\"),\n");
        let names: Vec<&str> = plan.objects.iter().map(|(name, _)| name.as_str()).collect();
        let names = quote(&names.join(" "));
        line(
            text,
            &format!("    (name = \"AFAR_NAMES\", text = {names}),"),
        );
    } else {
        namespaces(text, plan);
    }
    text.push_str("  ],\n  globalOutbound = \"internet\",\n");
}

fn cache(text: &mut String, plan: &Plan) {
    text.push_str("\nconst cache :Workerd.Worker = (\n");
    line(
        text,
        &format!("  compatibilityDate = {},", quote(&plan.compatibility_date)),
    );
    text.push_str("  modules = [(name = \"cache.js\", esModule = embed \"cache.js\")],\n");
    line(
        text,
        &format!(
            "  bindings = [(name = \"CACHE_BYTES_MAX\", text = \"{}\")],\n);",
            plan.cache_bytes_max
        ),
    );
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A string literal; only printable ASCII stands for itself.
fn quote(value: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(byte));
            }
            0x20..=0x7e => quoted.push(char::from(byte)),
            // Writing into a String can't fail.
            other => drop(write!(quoted, "\\x{other:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(ports: &[u16]) -> Plan {
        Plan {
            compatibility_date: "2026-11-01".into(),
            modules: vec![
                Module {
                    path: "entry.js".into(),
                },
                Module {
                    path: "build/index_bg.wasm".into(),
                },
            ],
            texts: vec![("ORIGIN_URL".into(), "http://127.0.0.1:1".into())],
            objects: vec![("CALLERS".into(), "Caller".into())],
            ports: ports.to_vec(),
            cache_bytes_max: 1000,
            disk: "/tmp/objects".into(),
            door: None,
            afar: None,
        }
    }

    #[test]
    fn strings_are_quoted() {
        for (value, quoted) in [
            ("plain", r#""plain""#),
            (r#"a"b\c"#, r#""a\"b\\c""#),
            ("line\nbreak", r#""line\x0abreak""#),
            ("ü", r#""\xc3\xbc""#),
        ] {
            assert_eq!(quote(value), quoted);
        }
    }

    #[test]
    fn every_edge_has_a_port_and_a_cache_and_all_share_the_objects() {
        let text = write(&plan(&[4000, 4001]));
        for part in [
            r#"(name = "edge-1", address = "127.0.0.1:4001", http = (), service = "edge-1")"#,
            r#"cacheApiOutbound = "cache-1""#,
            r#"(name = "build/index_bg.wasm", wasm = embed "build/index_bg.wasm")"#,
            r#"(name = "ORIGIN_URL", text = "http://127.0.0.1:1")"#,
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert_eq!(text.matches(r#"serviceName = "objects""#).count(), 3);
        assert_eq!(text.matches("durableObjectStorage").count(), 1);
    }

    #[test]
    fn objects_of_another_process_are_behind_its_door() {
        let owner = write(&Plan {
            door: Some(5000),
            ..plan(&[4000])
        });
        for part in [
            r#"(name = "door", address = "127.0.0.1:5000", http = (), service = "door")"#,
            r#"embed "door.js""#,
        ] {
            assert!(owner.contains(part), "{part} is missing in\n{owner}");
        }
        assert_eq!(owner.matches(r#"serviceName = "objects""#).count(), 3);
        let other = write(&Plan {
            afar: Some("127.0.0.1:5000".into()),
            ..plan(&[4001])
        });
        for part in [
            r#"(name = "afar", external = (address = "127.0.0.1:5000", http = ()))"#,
            r#"(name = "AFAR_NAMES", text = "CALLERS")"#,
            r#"embed "afar.js""#,
        ] {
            assert!(other.contains(part), "{part} is missing in\n{other}");
        }
        assert!(!other.contains("objects"), "{other}");
    }

    #[test]
    fn a_worker_without_objects_needs_no_disk() {
        let text = write(&Plan {
            objects: Vec::new(),
            ..plan(&[4000])
        });
        assert!(
            !text.contains("objects") && !text.contains("disk"),
            "{text}"
        );
    }
}
