//! What the bytes of a request's head say about where its body ends.
//!
//! The HTTP library mends ambiguous framing in silence (it drops a `Content-Length` beside a `Transfer-Encoding`,
//! folds equal lengths, takes a bare line feed for an end of line). A proxy before the gate may have read the same
//! bytes in another way, which is how requests are smuggled (RFC 9112 §11.2). So the head is looked at as it
//! arrives, and a request whose framing could be read in two ways is refused.

use crate::idle::Idle;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a head's framing is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Framing {
    /// Why the head can be read in two ways.
    pub(crate) fault: Option<FramingFault>,
    /// Whether the connection must not carry another request after this one.
    pub(crate) close: bool,
}

/// Why a request's head can be read in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingFault {
    /// Two ways to tell the body's end at once.
    #[error("the request has both Content-Length and Transfer-Encoding")]
    LengthAndEncoding,
    /// Two lengths, equal or not.
    #[error("the request has more than one Content-Length")]
    SeveralLengths,
    /// A length that readers may read differently.
    #[error("the request's Content-Length is not a plain decimal number")]
    LengthMalformed,
    /// An encoding that readers may not share.
    #[error("the request has a Transfer-Encoding other than a single `chunked`, or has one under HTTP/1.0")]
    EncodingUnknown,
    /// Two hosts.
    #[error("the request has more than one Host")]
    SeveralHosts,
    /// A line end, or a byte inside a line, that readers may read differently.
    #[error("a line of the request's head does not end with carriage return and line feed")]
    BareLineEnd,
    /// A header continued on the next line (obsolete since RFC 7230).
    #[error("a header line begins with white space")]
    FoldedLine,
    /// A header name that readers may read differently.
    #[error("a header's name is empty or holds a byte that names must not have")]
    NameMalformed,
    /// More bytes than are read for a head.
    #[error("the request's head is too large")]
    TooLarge,
    /// The head was not seen on its way in. It cannot happen; if it does, nothing is known of the framing.
    #[error("the request's head was not seen")]
    Unseen,
}

/// Reads heads out of a connection's bytes, without I/O.
#[derive(Debug)]
pub(crate) struct Scanner {
    limit: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Head(Vec<u8>),
    Body(u64),
    /// Nothing after this is a head that will be served.
    Opaque,
}

impl Scanner {
    /// A scanner that keeps at most `limit` bytes of a head.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, state: State::Head(Vec::new()) }
    }

    /// Takes the next bytes of the connection; hands each finished head to `found`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut found: impl FnMut(Framing)) {
        while let Some((&first, rest)) = bytes.split_first() {
            match &mut self.state {
                State::Opaque => return,
                State::Body(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= taken as u64;
                    if *left == 0 {
                        self.state = State::Head(Vec::new());
                    }
                    bytes = bytes.get(taken..).unwrap_or_default();
                }
                State::Head(head) => {
                    bytes = rest;
                    head.push(first);
                    if first == b'\n' && matches!(head.as_slice(), b"\n" | b"\r\n") {
                        // Empty lines before the request line are allowed (RFC 9112 §2.2).
                        head.clear();
                    } else if first == b'\n' && (head.ends_with(b"\n\n") || head.ends_with(b"\n\r\n")) {
                        let (framing, state) = read(head);
                        self.state = state;
                        found(framing);
                    } else if head.len() > self.limit {
                        self.state = State::Opaque;
                        found(Framing { fault: Some(FramingFault::TooLarge), close: true });
                    }
                }
            }
        }
    }
}

fn read(head: &[u8]) -> (Framing, State) {
    match measure(head) {
        Ok(Length::Known(0)) => (Framing { fault: None, close: false }, State::Head(Vec::new())),
        Ok(Length::Known(length)) => (Framing { fault: None, close: false }, State::Body(length)),
        Ok(Length::Unknown) => (Framing { fault: None, close: true }, State::Opaque),
        Err(fault) => (Framing { fault: Some(fault), close: true }, State::Opaque),
    }
}

enum Length {
    Known(u64),
    /// Chunked, or no longer HTTP/1 after an upgrade.
    Unknown,
}

fn measure(head: &[u8]) -> Result<Length, FramingFault> {
    let mut lengths = 0;
    let mut length = 0;
    let mut encodings = 0;
    let mut hosts = 0;
    let mut upgrade = false;
    let mut old = false;
    for (number, line) in head.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r\n").ok_or(FramingFault::BareLineEnd)?;
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\0')) {
            return Err(FramingFault::BareLineEnd);
        }
        if number == 0 {
            old = !line.ends_with(b"HTTP/1.1");
            continue;
        }
        if line.is_empty() {
            continue;
        }
        if matches!(line.first(), Some(b' ' | b'\t')) {
            return Err(FramingFault::FoldedLine);
        }
        let colon = line.iter().position(|&byte| byte == b':').ok_or(FramingFault::NameMalformed)?;
        let (name, value) = line.split_at(colon);
        if name.is_empty() || !name.iter().all(|&byte| is_token(byte)) {
            return Err(FramingFault::NameMalformed);
        }
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            lengths += 1;
            length = decimal(value).ok_or(FramingFault::LengthMalformed)?;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            encodings += 1;
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(FramingFault::EncodingUnknown);
            }
        } else if name.eq_ignore_ascii_case(b"host") {
            hosts += 1;
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            upgrade = true;
        }
    }
    match (lengths, encodings, hosts) {
        (1.., 1.., _) => Err(FramingFault::LengthAndEncoding),
        (2.., _, _) => Err(FramingFault::SeveralLengths),
        (_, 2.., _) => Err(FramingFault::EncodingUnknown),
        (_, 1, _) if old => Err(FramingFault::EncodingUnknown),
        (_, _, 2..) => Err(FramingFault::SeveralHosts),
        (_, 1, _) => Ok(Length::Unknown),
        _ if upgrade => Ok(Length::Unknown),
        _ => Ok(Length::Known(length)),
    }
}

fn decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The heads seen on a connection and not yet served, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<VecDeque<Framing>>>);

impl Seen {
    /// The framing of the request that is about to be served.
    pub(crate) fn next(&self) -> Option<Framing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn add(&self, framing: Framing) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(framing);
    }
}

/// A connection whose incoming heads are looked at on their way.
#[derive(Debug)]
pub(crate) struct Watched<Io> {
    io: Io,
    scanner: Scanner,
    seen: Seen,
    stalled: Idle,
}

impl<Io> Watched<Io> {
    /// Watches `io`, keeping at most `limit` bytes of a head. A peer that takes no bytes for `stall` is given up.
    pub(crate) fn new(io: Io, limit: usize, stall: Duration) -> (Self, Seen) {
        let seen = Seen::default();
        (Self { io, scanner: Scanner::new(limit), seen: seen.clone(), stalled: Idle::new(stall) }, seen)
    }

    fn limited<T>(
        &mut self,
        polled: Poll<std::io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<std::io::Result<T>> {
        if polled.is_ready() {
            self.stalled.moved();
            return polled;
        }
        self.stalled.poll_waiting(cx).map(|()| Err(std::io::ErrorKind::TimedOut.into()))
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Watched<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.io).poll_read(cx, buf);
        let new = buf.filled().get(before..).unwrap_or_default();
        this.scanner.push(new, |framing| this.seen.add(framing));
        polled
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Watched<Io> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(cx, buf);
        this.limited(polled, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write_vectored(cx, bufs);
        this.limited(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scan(bytes: &[u8], step: usize) -> Vec<Framing> {
        let mut scanner = Scanner::new(4096);
        let mut found = Vec::new();
        for piece in bytes.chunks(step) {
            scanner.push(piece, |framing| found.push(framing));
        }
        found
    }

    const FINE: Framing = Framing { fault: None, close: false };
    const LAST: Framing = Framing { fault: None, close: true };

    fn refused(fault: FramingFault) -> Vec<Framing> {
        vec![Framing { fault: Some(fault), close: true }]
    }

    #[test]
    fn heads_and_bodies_alternate() {
        let two = b"POST /a HTTP/1.1\r\nHost: x\r\ncontent-length: 5\r\n\r\nab\r\n\r\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
        assert_eq!(scan(two, 1000), [FINE, FINE]);
        let chunked = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
        assert_eq!(scan(chunked, 1000), [LAST]);
        assert_eq!(scan(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\nGET / HTTP/1.1\r\n\r\n", 1000), [LAST]);
    }

    #[test]
    fn two_readings_are_refused() {
        use FramingFault::*;
        for (lines, fault) in [
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", LengthAndEncoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", LengthAndEncoding),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", SeveralLengths),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", SeveralLengths),
            ("Content-Length: 5, 5\r\n", LengthMalformed),
            ("Content-Length: +5\r\n", LengthMalformed),
            ("Content-Length: 0x5\r\n", LengthMalformed),
            ("Content-Length:\r\n", LengthMalformed),
            ("Content-Length: 99999999999999999999\r\n", LengthMalformed),
            ("Transfer-Encoding: gzip, chunked\r\n", EncodingUnknown),
            ("Transfer-Encoding: xchunked\r\n", EncodingUnknown),
            ("Transfer-Encoding: identity\r\n", EncodingUnknown),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", EncodingUnknown),
            ("Host: y\r\n", SeveralHosts),
            ("X: a\r\n b\r\n", FoldedLine),
            ("X : a\r\n", NameMalformed),
            ("Transfer-Encoding : chunked\r\n", NameMalformed),
            (": a\r\n", NameMalformed),
            ("no colon\r\n", NameMalformed),
            ("X: a\n", BareLineEnd),
            ("X: a\rTransfer-Encoding: chunked\r\n", BareLineEnd),
            ("X: a\0\r\n", BareLineEnd),
        ] {
            let request = format!("POST / HTTP/1.1\r\nHost: x\r\n{lines}\r\n");
            assert_eq!(scan(request.as_bytes(), 1000), refused(fault), "{lines:?}");
        }
        assert_eq!(
            scan(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 1000),
            refused(EncodingUnknown)
        );
        assert_eq!(scan(&[b'a'; 5000], 1000), refused(TooLarge));
    }

    proptest! {
        #[test]
        fn how_the_bytes_arrive_does_not_matter(
            lines in proptest::collection::vec("(Content-Length: [0-9]{1,2}|Host: a|X: [a-z]{0,5}|Upgrade: u)?(\r\n|\n)", 0..12),
            step in 1_usize..20,
        ) {
            let bytes = format!("GET / HTTP/1.1\r\n{}\r\nGET / HTTP/1.1\r\n\r\n", lines.concat());
            prop_assert_eq!(scan(bytes.as_bytes(), 4096), scan(bytes.as_bytes(), step));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            scan(&bytes, 7);
        }
    }
}
