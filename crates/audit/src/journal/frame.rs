//! One group commit in the journal.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};

use aws_lc_rs::digest::{Context, SHA256};

use crate::record::Encoded;
use crate::tree::{Hash, entries_of, finish, leaf_hash, push_entry};

/// First bytes of a frame. The first one occurs in no UTF-8 text, so a frame
/// can be told from any entry.
pub(super) const MAGIC: [u8; 8] = *b"\xffSDJRN1\n";

/// Bytes before the entries: magic, index of the first entry, number of
/// entries, bytes of entries, bytes of personal members, zeros, checksum.
pub(crate) const FRAME_HEADER: usize = 64;

/// Most bytes of entries, and of personal members, in a frame.
const MAX_SECTION: u32 = 32 << 20;

/// A frame read back.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Index of the first entry.
    pub(crate) first: u64,
    /// The entries.
    pub(crate) entries: Vec<Encoded>,
    /// Bytes it takes in the segment.
    pub(super) length: u64,
}

/// What comes next in a segment.
pub(super) enum Next {
    /// A frame.
    Frame(Frame),
    /// Room that was never written to, or the end of the file.
    Unused,
    /// Something that is no whole frame.
    Broken,
}

/// Lays `entries` out as the frame that starts at index `first`.
pub(crate) fn encode_frame<'a>(first: u64, entries: impl Iterator<Item = &'a Encoded> + Clone) -> Vec<u8> {
    let mut bytes = vec![0; FRAME_HEADER];
    let mut count = 0_u32;
    for encoded in entries.clone() {
        push_entry(&mut bytes, &encoded.entry);
        count = count.saturating_add(1);
    }
    let section = |end: usize, start: usize| u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX);
    let entries_end = bytes.len();
    for encoded in entries.clone() {
        push_entry(&mut bytes, &encoded.personal);
    }
    let mut header = Vec::with_capacity(FRAME_HEADER);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&first.to_be_bytes());
    header.extend_from_slice(&count.to_be_bytes());
    header.extend_from_slice(&section(entries_end, FRAME_HEADER).to_be_bytes());
    header.extend_from_slice(&section(bytes.len(), entries_end).to_be_bytes());
    header.extend_from_slice(&[0; 4]);
    let checksum = checksum(&header, entries);
    header.extend_from_slice(&checksum);
    for (to, from) in bytes.iter_mut().zip(header) {
        *to = from;
    }
    bytes
}

/// Covers the header, the entries and the lengths of the personal members,
/// whose content may be erased later.
fn checksum<'a>(header: &[u8], entries: impl Iterator<Item = &'a Encoded>) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(header);
    for encoded in entries {
        context.update(&encoded.leaf);
        context.update(&encoded.personal.len().to_be_bytes());
    }
    finish(context)
}

/// What a frame's header says.
#[derive(Clone, Copy)]
struct Fields {
    first: u64,
    count: u32,
    entries: u32,
    personal: u32,
}

impl Fields {
    /// Bytes of the frame.
    fn length(self) -> u64 {
        (FRAME_HEADER as u64).saturating_add(u64::from(self.entries)).saturating_add(u64::from(self.personal))
    }
}

/// Takes a header apart, checksum first; `None` if it is none.
fn fields(header: &[u8; FRAME_HEADER]) -> Option<(Hash, Fields)> {
    let (magic, rest) = header.split_first_chunk::<8>()?;
    let (first, rest) = rest.split_first_chunk::<8>()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let (entries, rest) = rest.split_first_chunk::<4>()?;
    let (personal, rest) = rest.split_first_chunk::<4>()?;
    let (zeros, checksum) = rest.split_first_chunk::<4>()?;
    let (entries, personal) = (u32::from_be_bytes(*entries), u32::from_be_bytes(*personal));
    let plausible = *magic == MAGIC && *zeros == [0; 4] && entries.max(personal) <= MAX_SECTION;
    let fields =
        Fields { first: u64::from_be_bytes(*first), count: u32::from_be_bytes(*count), entries, personal };
    plausible.then_some((*checksum.first_chunk()?, fields))
}

/// Passes over the next frame if it starts at index `expected` and ends before
/// `from`, without reading its records. Gives back the index after it.
pub(super) fn skip_frame(reader: &mut BufReader<File>, expected: u64, from: u64) -> io::Result<Option<u64>> {
    let buffered = match reader.buffer().len() {
        ..FRAME_HEADER => reader.fill_buf()?,
        _ => reader.buffer(),
    };
    let Some((_, fields)) = buffered.first_chunk::<FRAME_HEADER>().and_then(fields) else { return Ok(None) };
    let after = fields.first.saturating_add(u64::from(fields.count));
    if fields.first != expected || after > from {
        return Ok(None);
    }
    reader.seek_relative(i64::try_from(fields.length()).unwrap_or(i64::MAX))?;
    Ok(Some(after))
}

/// Reads the next frame.
pub(super) fn read_frame(reader: &mut impl Read) -> io::Result<Next> {
    let mut header = [0; FRAME_HEADER];
    let read = read_full(reader, &mut header)?;
    if header == [0; FRAME_HEADER] {
        return Ok(Next::Unused);
    }
    let Some((expected, header_fields)) = fields(&header).filter(|_| read == FRAME_HEADER) else {
        return Ok(Next::Broken);
    };
    let Fields { first, count, entries: entries_length, personal: personal_length } = header_fields;
    let (Some(entries), Some(personal)) =
        (read_section(reader, entries_length)?, read_section(reader, personal_length)?)
    else {
        return Ok(Next::Broken);
    };
    let ((entries, entries_whole), (personal, personal_whole)) =
        (entries_of(&entries), entries_of(&personal));
    if !entries_whole
        || !personal_whole
        || entries.len() != personal.len()
        || entries.len() as u64 != u64::from(count)
    {
        return Ok(Next::Broken);
    }
    let entries: Vec<Encoded> = entries
        .into_iter()
        .zip(personal)
        .map(|(entry, personal)| Encoded {
            leaf: leaf_hash(entry),
            entry: entry.to_vec(),
            personal: personal.to_vec(),
        })
        .collect();
    let (covered, _) = header.split_at(FRAME_HEADER - 32);
    if checksum(covered, entries.iter()) != expected {
        return Ok(Next::Broken);
    }
    let length = header_fields.length();
    Ok(Next::Frame(Frame { first, entries, length }))
}

/// Reads `length` bytes; `None` if there are fewer.
fn read_section(reader: &mut impl Read, length: u32) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = reader.take(u64::from(length)).read_to_end(&mut bytes)?;
    Ok((read as u64 == u64::from(length)).then_some(bytes))
}

/// Fills `buffer` as far as there are bytes.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(entry: &[u8], personal: &[u8]) -> Encoded {
        Encoded { entry: entry.to_vec(), personal: personal.to_vec(), leaf: leaf_hash(entry) }
    }

    proptest! {
        #[test]
        fn frames_give_back_what_went_in(parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..90), prop::collection::vec(any::<u8>(), 0..40)), 1..9), first in any::<u64>()) {
            let entries: Vec<_> = parts.iter().map(|(entry, personal)| encoded(entry, personal)).collect();
            let bytes = encode_frame(first, entries.iter());
            let Next::Frame(frame) = read_frame(&mut bytes.as_slice()).unwrap() else { panic!("no frame") };
            prop_assert_eq!(frame.first, first);
            prop_assert_eq!(frame.entries, entries);
            prop_assert_eq!(frame.length, bytes.len() as u64);
        }

        #[test]
        fn a_flipped_bit_or_a_cut_breaks_a_frame(entry in prop::collection::vec(any::<u8>(), 1..90), at in any::<prop::sample::Index>(), bit in 0..8) {
            let bytes = encode_frame(7, [encoded(&entry, b"")].iter());
            let mut flipped = bytes.clone();
            flipped[at.index(bytes.len())] ^= 1_u8 << bit;
            prop_assert!(matches!(read_frame(&mut flipped.as_slice()).unwrap(), Next::Broken));
            let cut = bytes.get(..at.index(bytes.len() - 1) + 1).unwrap();
            prop_assert!(matches!(read_frame(&mut &*cut).unwrap(), Next::Broken));
        }

        #[test]
        fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut framed = MAGIC.to_vec();
            framed.extend(bytes);
            let _ = read_frame(&mut framed.as_slice());
        }
    }
}
