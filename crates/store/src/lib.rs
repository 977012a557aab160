//! What nodes share and what survives a restart.
