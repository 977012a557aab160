//! The journal: what is acknowledged, until it is published.
//!
//! A segment is a file of frames, one frame a group commit, in room that was
//! allocated beforehand. A frame whose sync did not return was never
//! acknowledged and can only be the last one, so a broken frame that others
//! follow is damage, not an interrupted write.

mod frame;
mod segment;

pub(crate) use frame::{FRAME_HEADER, encode_frame};
pub(crate) use segment::{Ending, Segment, list, personal_at, read_from, scan};
