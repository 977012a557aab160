//! A request, prepared once for all policies that look at it.

use smallvec::SmallVec;

use crate::compile::IndexKeys;
use crate::{Context, Principal, Request};

/// A request with its action folded to lower case. Making one allocates only for actions of unheard-of length.
pub(crate) struct Subject<'r> {
    request: &'r Request,
    action: SmallVec<[u8; 96]>,
    keys: IndexKeys,
    bounded: bool,
}

impl<'r> Subject<'r> {
    /// `bounded` says whether the principal has a permissions boundary.
    pub(crate) fn new(request: &'r Request, bounded: bool) -> Self {
        let mut action: SmallVec<[u8; 96]> = SmallVec::from_slice(request.action.as_bytes());
        action.make_ascii_lowercase();
        Self { request, action, keys: IndexKeys::default(), bounded }
    }

    /// In lower case.
    #[inline]
    pub(crate) fn action(&self) -> &[u8] {
        &self.action
    }

    /// `None` for an action without a resource.
    #[inline]
    pub(crate) fn resource(&self) -> Option<&'r [u8]> {
        self.request.resource.as_deref().filter(|resource| *resource != "*").map(str::as_bytes)
    }

    /// Whether the principal has a permissions boundary.
    #[inline]
    pub(crate) fn bounded(&self) -> bool {
        self.bounded
    }

    #[inline]
    pub(crate) fn principal(&self) -> &'r Principal {
        &self.request.principal
    }

    #[inline]
    pub(crate) fn context(&self) -> &'r Context {
        &self.request.context
    }

    /// Under what an index would have filed statements about this request.
    #[inline]
    pub(crate) fn index_keys(&self) -> &IndexKeys {
        &self.keys
    }
}
