//! Composition: configuration, doors, gates, reload, metrics, drain.
