//! The doors: protocols through which a token comes in.
