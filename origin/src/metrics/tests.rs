//! What is counted, and that the page tells all of it.

use prometheus::proto::MetricType;

use super::*;

#[test]
fn labels_are_bounded() {
    for (route, expected) in [
        ("/v2/products/{id}", "/products/{id}"),
        ("/products/{id}", "/products/{id}"),
        ("/v2x", "/v2x"),
        (UNMATCHED, UNMATCHED),
    ] {
        assert_eq!(route_label(route), expected);
    }
    let made_up = Method::from_bytes(b"BREW").unwrap();
    assert_eq!(method_label(&made_up), "other");
    assert_eq!(method_label(&Method::PATCH), "PATCH");
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let metrics = Metrics::new().unwrap();
    metrics.answered(&Method::GET, "/v2/products/{id}", StatusCode::OK, 0.002);
    metrics.answered(&Method::GET, "/products/{id}", StatusCode::OK, 40.0);
    let text = TextEncoder::new()
        .encode_to_string(&metrics.registry.gather())
        .unwrap();
    for line in [
        r#"headgate_http_requests_total{method="GET",route="/products/{id}",status="200"} 2"#,
        r#"headgate_http_request_seconds_bucket{method="GET",route="/products/{id}",le="0.0025"} 1"#,
        r#"headgate_http_request_seconds_bucket{method="GET",route="/products/{id}",le="+Inf"} 2"#,
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

/// The page that operators write their alerts from.
const PAGE: &str = include_str!("../../../docs/observability.md");

#[test]
fn the_page_has_each_metric_with_its_type_and_labels_and_no_other() {
    let metrics = Metrics::new().unwrap();
    let mut known = Vec::new();
    for collector in metrics.collectors() {
        let desc = collector.desc()[0];
        let kind = match collector.collect()[0].get_field_type() {
            MetricType::COUNTER => "counter",
            MetricType::GAUGE => "gauge",
            MetricType::HISTOGRAM => "histogram",
            other => panic!("{other:?}"),
        };
        let labels = desc.variable_labels.iter().map(|name| format!("`{name}`"));
        let labels = labels.collect::<Vec<_>>().join(", ");
        let row = format!("| `{}` | {kind} | {labels} |", desc.fq_name).replace("|  |", "| |");
        assert!(PAGE.contains(&row), "docs/observability.md lacks {row}");
        known.push(desc.fq_name.clone());
    }
    let names = PAGE.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
    for name in names.filter(|name| name.starts_with("headgate_")) {
        let name = name.strip_suffix("_bucket").unwrap_or(name);
        assert!(known.iter().any(|one| one == name), "{name} is no metric");
    }
}

#[test]
fn the_page_has_each_value_of_a_label() {
    let sources = [
        Source::Memory,
        Source::Redis,
        Source::Replica,
        Source::Primary,
        Source::Fallback,
    ];
    let outcomes = [
        Lookup::Hit,
        Lookup::Miss,
        Lookup::Old,
        Lookup::Unreadable,
        Lookup::Failed,
        Lookup::Out,
    ];
    for value in sources
        .map(Source::label)
        .iter()
        .chain(&outcomes.map(Lookup::label))
        .chain(&[UNMATCHED, letter::WEBHOOKS])
    {
        assert!(PAGE.contains(&format!("`{value}`")), "{value}");
    }
}
