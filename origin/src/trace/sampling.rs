//! Which traces are kept, by the standard's variables [OpenTelemetry, SDK environment variables].

use clap::{Args, ValueEnum};
use opentelemetry_sdk::trace::Sampler;

/// Where spans go, if anywhere.
#[derive(Debug, Clone, Args)]
pub struct Tracing {
    /// Where spans are sent, by OTLP over HTTP: a collector's URL without `/v1/traces`. Unset: nowhere.
    /// `OTEL_EXPORTER_OTLP_HEADERS` names fields that go along.
    #[arg(long = "otlp-endpoint", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub endpoint: Option<String>,
    /// What this process is called there.
    #[arg(long, env = "OTEL_SERVICE_NAME", default_value = "headgate-origin")]
    pub service_name: String,
    /// Which traces are kept.
    #[arg(
        long,
        value_enum,
        env = "OTEL_TRACES_SAMPLER",
        default_value = "parentbased_always_on"
    )]
    pub traces_sampler: Which,
    /// The share of the samplers with a ratio, from 0 to 1.
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", default_value_t = 1.0)]
    pub traces_sampler_arg: f64,
}

/// The standard's samplers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Which {
    /// All.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// A share of all, by their ids.
    #[value(name = "traceidratio")]
    Ratio,
    /// Those that the edge keeps, and all that begin here.
    #[value(name = "parentbased_always_on")]
    ParentOn,
    /// Those that the edge keeps.
    #[value(name = "parentbased_always_off")]
    ParentOff,
    /// Those that the edge keeps, and a share of those that begin here.
    #[value(name = "parentbased_traceidratio")]
    ParentRatio,
}

impl Which {
    pub(super) fn sampler(self, share: f64) -> Sampler {
        let ratio = Sampler::TraceIdRatioBased(share);
        let parent = |root| Sampler::ParentBased(Box::new(root));
        match self {
            Self::AlwaysOn => Sampler::AlwaysOn,
            Self::AlwaysOff => Sampler::AlwaysOff,
            Self::Ratio => ratio,
            Self::ParentOn => parent(Sampler::AlwaysOn),
            Self::ParentOff => parent(Sampler::AlwaysOff),
            Self::ParentRatio => parent(ratio),
        }
    }
}
