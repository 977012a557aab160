//! A segment of the journal.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::frame::{FRAME_HEADER, Frame, MAGIC, Next, read_frame, skip_frame};
use crate::AuditError;
use crate::disk::{Disk, JOURNAL, RESERVE};

/// How a segment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a whole frame.
    Clean,
    /// With a frame whose write was interrupted.
    Torn,
    /// With something broken that whole frames follow.
    Damaged,
}

/// Result of reading a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan {
    /// Index after the last whole frame.
    pub(crate) next: u64,
    /// Offset after the last whole frame.
    pub(crate) offset: u64,
    /// How it ends.
    pub(crate) ending: Ending,
}

/// Segments of the journal, the oldest first: index of the first entry, path.
pub(crate) fn list(disk: &Disk) -> Result<Vec<(u64, PathBuf)>, AuditError> {
    let directory = disk.path(JOURNAL);
    let entries = match fs::read_dir(&directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(AuditError::io("list", &directory))?,
    };
    let mut segments = Vec::new();
    for entry in entries {
        let entry = entry.map_err(AuditError::io("list", &directory))?;
        let first = entry.file_name().to_str().filter(|name| name.len() == 20).and_then(|n| n.parse().ok());
        if let Some(first) = first {
            segments.push((first, entry.path()));
        }
    }
    segments.sort();
    Ok(segments)
}

/// Reads the frames of the segment at `path`, which starts at index `first`.
pub(crate) fn scan(
    path: &Path,
    first: u64,
    mut each: impl FnMut(Frame) -> Result<(), AuditError>,
) -> Result<Scan, AuditError> {
    let file = File::open(path).map_err(AuditError::io("open", path))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (mut next, mut offset) = (first, 0_u64);
    let broken = loop {
        match read_frame(&mut reader).map_err(AuditError::io("read", path))? {
            Next::Frame(frame) if frame.first == next => {
                next = next.saturating_add(frame.entries.len() as u64);
                offset = offset.saturating_add(frame.length);
                each(frame)?;
            }
            Next::Unused => break false,
            Next::Frame(_) | Next::Broken => break true,
        }
    };
    let followed = is_followed(reader, offset).map_err(AuditError::io("read", path))?;
    let ending = match (broken, followed) {
        (_, true) => Ending::Damaged,
        (true, false) => Ending::Torn,
        (false, false) => Ending::Clean,
    };
    Ok(Scan { next, offset, ending })
}

/// Reads the frames of the segment at `path`, which starts at index `first`,
/// that hold records from index `from` on, as far as they are whole.
pub(crate) fn read_from(
    path: &Path,
    first: u64,
    from: u64,
    mut each: impl FnMut(Frame),
) -> Result<(), AuditError> {
    let file = File::open(path).map_err(AuditError::io("open", path))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut next = first;
    loop {
        let skipped = skip_frame(&mut reader, next, from).map_err(AuditError::io("read", path))?;
        if let Some(after) = skipped {
            next = after;
            continue;
        }
        match read_frame(&mut reader).map_err(AuditError::io("read", path))? {
            Next::Frame(frame) if frame.first == next => {
                next = next.saturating_add(frame.entries.len() as u64);
                each(frame);
            }
            _ => return Ok(()),
        }
    }
}

/// Offset and length of the personal members of record `index` in the segment
/// at `path`, which starts at index `first`; `None` if they are not there.
pub(crate) fn personal_at(path: &Path, first: u64, index: u64) -> Result<Option<(u64, u64)>, AuditError> {
    let (mut start, mut found) = (0_u64, None);
    scan(path, first, |frame| {
        let (mut offset, mut before) = (start.saturating_add(FRAME_HEADER as u64), Vec::new());
        for encoded in &frame.entries {
            offset = offset.saturating_add(2).saturating_add(encoded.entry.len() as u64);
            before.push(encoded.personal.len() as u64);
        }
        for (at, length) in (frame.first..).zip(before) {
            offset = offset.saturating_add(2);
            if at == index && length > 0 {
                found = Some((offset, length));
            }
            offset = offset.saturating_add(length);
        }
        start = start.saturating_add(frame.length);
        Ok(())
    })?;
    Ok(found)
}

/// Whether a frame starts anywhere after `offset`.
fn is_followed(reader: BufReader<File>, offset: u64) -> io::Result<bool> {
    let mut file = reader.into_inner();
    file.seek(SeekFrom::Start(offset.saturating_add(1)))?;
    let finder = memchr::memmem::Finder::new(&MAGIC);
    let mut window = Vec::new();
    loop {
        let keep = window.len().saturating_sub(MAGIC.len());
        window.drain(..keep);
        if Read::by_ref(&mut file).take(1 << 20).read_to_end(&mut window)? == 0 {
            return Ok(false);
        }
        if finder.find(&window).is_some() {
            return Ok(true);
        }
    }
}

/// The segment that is written to.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    path: PathBuf,
    offset: u64,
    capacity: u64,
}

impl Segment {
    /// Makes a new segment that starts at index `first`, out of the reserve if
    /// there is one.
    pub(crate) fn start(disk: &Disk, first: u64, bytes: u64) -> Result<Self, AuditError> {
        let path = disk.path(JOURNAL).join(format!("{first:020}"));
        let reserve = disk.path(RESERVE);
        let file = match fs::rename(&reserve, &path) {
            Ok(()) => OpenOptions::new().write(true).open(&path).map_err(AuditError::io("open", &path))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => disk.allocate(&path, bytes)?,
            Err(error) => return Err(AuditError::io("rename", &reserve)(error)),
        };
        let capacity = file.metadata().map_err(AuditError::io("read", &path))?.len();
        disk.sync_names(&path)?;
        Ok(Self { file, path, offset: 0, capacity })
    }

    /// Goes on with the segment at `path` after `scan`: what was interrupted
    /// is removed.
    pub(crate) fn resume(disk: &Disk, path: &Path, scan: &Scan, bytes: u64) -> Result<Self, AuditError> {
        let resume = || {
            let file = OpenOptions::new().write(true).open(path)?;
            file.set_len(scan.offset)?;
            // Without room the segment ends here, and the reserve comes next.
            let capacity = match disk.extend(&file, scan.offset, bytes) {
                Ok(()) => bytes.max(scan.offset),
                Err(_) => scan.offset,
            };
            file.set_len(capacity)?;
            file.sync_all()?;
            Ok((file, capacity))
        };
        let (file, capacity) = resume().map_err(AuditError::io("repair", path))?;
        Ok(Self { file, path: path.to_owned(), offset: scan.offset, capacity })
    }

    /// Path of the segment.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether `bytes` more fit.
    pub(crate) fn fits(&self, bytes: usize) -> bool {
        self.offset.saturating_add(bytes as u64) <= self.capacity
    }

    /// Writes a frame and waits until it is on disk.
    pub(crate) fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        self.file.write_all_at(frame, self.offset)?;
        self.file.sync_data()?;
        self.offset = self.offset.saturating_add(frame.len() as u64);
        Ok(())
    }
}
