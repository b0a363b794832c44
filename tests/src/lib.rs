//! What end-to-end tests and the simulation start: a Postgres, the real origin, the real edge.

pub mod answer;
pub mod build;
pub mod drills;
pub mod gate;
pub mod lossy;
pub mod pages;
pub mod postgres;
pub mod scratch;
pub mod shop;
pub mod wait;
