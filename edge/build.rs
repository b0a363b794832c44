//! Checks `gateway.toml` (or the file that `HEADGATE_CONFIG` names) and compiles it in as JSON, and beside
//! it what the OpenAPI document that it names says of bodies.

#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the Worker uses what the build does not"
)]
#[path = "src/config/mod.rs"]
mod config;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use config::Gateway;
use serde_json::{Map, Value};
use shared::shape::compile;

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is configured by its environment"
)]
fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    let path = env::var("HEADGATE_CONFIG")
        .map_or_else(|_| root.join("gateway.toml"), |named| root.join(named));
    println!("cargo::rerun-if-env-changed=HEADGATE_CONFIG");
    println!("cargo::rerun-if-changed={}", path.display());
    println!("cargo::rerun-if-changed=src/config");

    let written = read(&path).and_then(|gateway| {
        let shapes = shapes(&root, &gateway)?;
        let mut gateway = serde_json::to_value(&gateway).map_err(|error| error.to_string())?;
        leave_out_nulls(&mut gateway);
        write("gateway.json", &gateway)?;
        write("shapes.json", &shapes)
    });
    if let Err(fault) = written {
        println!("cargo::error={}: {fault}", path.display());
        process::exit(1);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is configured by its environment"
)]
fn write(name: &str, what: &impl serde::Serialize) -> Result<(), String> {
    let json = serde_json::to_string(what).map_err(|error| error.to_string())?;
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join(name);
    fs::write(&out, json).map_err(|error| format!("{}: {error}", out.display()))
}

/// Members that say nothing are a part of what the Worker carries and reads when it starts.
fn leave_out_nulls(json: &mut Value) {
    match json {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

/// The tables of the bodies that are checked, by method and path.
fn shapes(root: &Path, gateway: &Gateway) -> Result<Map<String, Value>, String> {
    let mut tables = Map::new();
    let Some(name) = &gateway.openapi else {
        return Ok(tables);
    };
    let place = root.join(name);
    println!("cargo::rerun-if-changed={}", place.display());
    let text = fs::read_to_string(&place).map_err(|error| format!("{name}: {error}"))?;
    let document = serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    for route in gateway.routes.iter().filter(|route| route.shape) {
        let methods = route.methods.iter();
        for method in methods.filter(|method| ["POST", "PUT"].contains(&method.as_str())) {
            let at = format!("{method} {}", route.path);
            let table = compile::table(&document, method, &route.path).ok_or_else(|| {
                format!("route `{}`: {name} has no JSON body for {at}", route.name)
            })?;
            tables.insert(at, table);
        }
    }
    Ok(tables)
}

fn read(path: &PathBuf) -> Result<Gateway, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    config::parse(&text, |text| {
        toml::from_str(text).map_err(|error| config::Syntax {
            at: error.span().map(|span| span.start),
            message: error.message().to_owned(),
        })
    })
    .map_err(|config::Invalid(fault)| fault)
}
