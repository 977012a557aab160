//! Token issuers on loopback that sign as the vendors do, for the demo and for tests.
