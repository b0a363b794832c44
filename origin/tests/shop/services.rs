//! Fleets that serve parts of the API.

use std::process::Command;
use std::sync::Arc;

use origin::app::App;
use origin::services::Service;

use crate::harness::{Shop, platform, request};

/// A path of each kind, and what serves it; none: every origin does.
const PATHS: [(&str, &str, Option<Service>); 20] = [
    ("GET", "/products", Some(Service::Products)),
    ("GET", "/v2/products", Some(Service::Products)),
    ("POST", "/v2/products/search", Some(Service::Products)),
    ("GET", "/v2/orders", Some(Service::Orders)),
    ("POST", "/orders", Some(Service::Orders)),
    ("GET", "/v2/payments", Some(Service::Orders)),
    ("POST", "/webhooks/payments", Some(Service::Orders)),
    ("POST", "/v2/users", Some(Service::Users)),
    ("POST", "/v2/sessions", Some(Service::Users)),
    ("POST", "/oauth/token", Some(Service::Users)),
    ("GET", "/push-key", Some(Service::Users)),
    ("GET", "/v2/admin/plans", Some(Service::Admin)),
    ("GET", "/v2/admin/dead-letters", Some(Service::Admin)),
    ("GET", "/v2/admin/webhooks", Some(Service::Admin)),
    ("GET", "/healthz", None),
    ("GET", "/v2/readyz", None),
    ("GET", "/.well-known/jwks.json", None),
    ("GET", "/openapi.json", None),
    ("GET", "/problems/not_found", None),
    ("GET", "/records/firewall", None),
];

#[tokio::test]
async fn a_fleet_serves_its_parts_and_what_every_origin_does() {
    let whole = Shop::open().await;
    let bearer = format!("Bearer {}", whole.admin);
    let fields = [("authorization", bearer.as_str())];
    for services in [
        &[Service::Products][..],
        &[Service::Orders],
        &[Service::Users],
        &[Service::Admin],
        &[Service::Users, Service::Products, Service::Users],
        &Service::ALL,
    ] {
        let platform = platform(&whole.clock);
        let app = App::build_with(&whole.config, platform, whole.provider.clone()).unwrap();
        let fleet = Shop {
            app: Arc::new(app.serving(services)),
            ..whole.clone()
        };
        for (method, path, service) in PATHS {
            let answer = fleet.send(request(method, path, &fields, "")).await;
            let serves = service.is_none_or(|service| services.contains(&service));
            let at = format!("{services:?} {method} {path}: {answer:?}");
            assert_eq!(answer.status != 404, serves, "{at}");
            if !serves {
                assert_eq!(answer.code(), "not_found", "{at}");
                assert_eq!(
                    answer.field("content-type"),
                    "application/problem+json",
                    "{at}"
                );
            }
            // Nor is anything said about the methods that the other fleets know there.
            let other = fleet.send(request("LINK", path, &fields, "")).await;
            assert_eq!(other.status, if serves { 405 } else { 404 }, "{at}");
        }
    }
}

#[test]
fn a_service_that_is_none_is_told_with_those_that_are() {
    let serve = |services: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_origin"));
        command.args(["serve", "--services", services]);
        command.env_clear().output().unwrap()
    };
    for wrong in ["prodcuts", "products,baskets", ""] {
        let told = serve(wrong);
        assert_eq!(told.status.code(), Some(2), "{wrong}");
        let told = String::from_utf8(told.stderr).unwrap();
        assert!(told.contains("'--services <SERVICES>'"), "{told}");
        for service in ["products", "orders", "users", "admin"] {
            assert!(told.contains(service), "{service}: {told}");
        }
    }
    // What else is missing is told, and these are taken.
    let told = String::from_utf8(serve("products,orders,users").stderr).unwrap();
    assert!(told.contains("--database-url"), "{told}");
    assert!(!told.contains("possible values"), "{told}");
}
