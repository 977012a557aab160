//! What each kind of document requires, forbids and is limited to.

use super::Kind;

/// Whether an element must, may or must not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
    Forbidden,
}

/// The rules of one kind of document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) principal: Presence,
    pub(super) not_principal: bool,
    pub(super) resource: Presence,
    pub(super) not_action: bool,
    pub(super) id: bool,
    /// Whether a `Sid` may hold more than letters and digits.
    pub(super) free_sid: bool,
    /// Whether `Version` must be there and be 2012-10-17.
    pub(super) current_version: bool,
    /// The only service whose actions may be named.
    pub(super) service: Option<&'static str>,
}

impl Kind {
    pub(super) fn rules(self) -> Rules {
        let identity = Rules {
            principal: Presence::Forbidden,
            not_principal: false,
            resource: Presence::Required,
            not_action: true,
            id: false,
            free_sid: false,
            current_version: false,
            service: None,
        };
        match self {
            Kind::Identity | Kind::Boundary | Kind::Session => identity,
            Kind::Trust => Rules {
                principal: Presence::Required,
                resource: Presence::Forbidden,
                id: true,
                service: Some("sts"),
                ..identity
            },
            Kind::Resource => Rules {
                principal: Presence::Required,
                not_principal: true,
                resource: Presence::Optional,
                id: true,
                free_sid: true,
                ..identity
            },
            Kind::ServiceControl => Rules { current_version: true, ..identity },
            Kind::ResourceControl => {
                Rules { principal: Presence::Required, not_action: false, current_version: true, ..identity }
            }
        }
    }

    /// What people call it.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Kind::Trust => "trust policy",
            Kind::Identity => "identity policy",
            Kind::Boundary => "permissions boundary",
            Kind::Session => "session policy",
            Kind::Resource => "resource policy",
            Kind::ServiceControl => "service control policy",
            Kind::ResourceControl => "resource control policy",
        }
    }
}

/// Bounds on a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that are parsed at all.
    pub bytes: usize,
    /// The most characters, white space not counted: AWS's quota.
    pub characters: Option<usize>,
}

impl Limits {
    /// The hard bound on the bytes of an untrusted document: 64 KiB.
    pub const BYTES: usize = 64 * 1024;

    /// AWS's own limits for a kind: trust policies 4,096 characters (the most the quota can be raised to),
    /// permission policies 10,240 (inline policies of a role), boundaries 6,144 (managed policies), session policies
    /// 2,048, resource policies 20,480 (Amazon S3), organization policies 5,120.
    pub const fn aws(kind: Kind) -> Self {
        let characters = match kind {
            Kind::Trust => 4_096,
            Kind::Identity => 10_240,
            Kind::Boundary => 6_144,
            Kind::Session => 2_048,
            Kind::Resource => 20_480,
            Kind::ServiceControl | Kind::ResourceControl => 5_120,
        };
        Self { bytes: Self::BYTES, characters: Some(characters) }
    }

    /// Only a bound on the bytes, for documents that need not fit into AWS.
    pub const fn bytes(bytes: usize) -> Self {
        Self { bytes, characters: None }
    }

    /// A smaller quota that a document may pass with a warning, and whose it is.
    pub(super) fn soft(kind: Kind) -> Option<(usize, &'static str)> {
        match kind {
            Kind::Trust => Some((2_048, "the default quota; it can be raised to 4,096")),
            Kind::Identity => {
                Some((6_144, "the quota of a managed policy; an inline policy may have 10,240"))
            }
            _ => None,
        }
    }
}
