//! End-to-end tests and the simulation.
