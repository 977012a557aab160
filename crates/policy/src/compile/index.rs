//! Which statements could match a request.
//!
//! Each statement is filed under the one of its elements that tells it best from the others: principal, action or
//! resource. A request looks only under the keys that it has itself. The index is a filter: every statement that it
//! yields is still evaluated whole, so that a hash collision costs time and nothing else.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use smallvec::SmallVec;

use super::principals::each_identity;
use super::{Actions, Principals, Resources, Rule};
use crate::document::PrincipalType;
use crate::glob::Pattern;
use crate::hash::{self, Hash};
use crate::subject::Subject;

/// Up to this many statements are simply all evaluated.
const SMALL: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Index {
    /// `None` for small policies.
    filed: Option<Box<Filed>>,
}

#[derive(Debug, Default)]
struct Filed {
    buckets: HashMap<u64, Box<[u32]>, BuildHasherDefault<Ready>>,
    /// Statements that nothing distinguishes.
    always: Box<[u32]>,
    principals: bool,
    actions: bool,
    services: bool,
    exact_resources: bool,
    /// Bit `n`: some statement is filed under a resource prefix that ends at the `n`-th delimiter.
    prefixes: u32,
}

/// Keys are hashes already.
#[derive(Debug, Default, Clone, Copy)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// What a statement can be filed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Principal(u64),
    Action(u64),
    Service(u64),
    Resource(u64),
    Prefix { hash: u64, ordinal: u32 },
}

impl Key {
    fn hash(self) -> u64 {
        match self {
            Key::Principal(hash)
            | Key::Action(hash)
            | Key::Service(hash)
            | Key::Resource(hash)
            | Key::Prefix { hash, .. } => hash,
        }
    }
}

impl Index {
    pub(super) fn build(rules: &[Rule]) -> Self {
        if rules.len() <= SMALL {
            return Self::default();
        }
        let choices: Vec<[Option<Vec<Key>>; 3]> = rules.iter().map(keys).collect();
        let mut counts: HashMap<u64, usize> = HashMap::new();
        for key in choices.iter().flatten().flatten().flatten() {
            *counts.entry(key.hash()).or_default() += 1;
        }
        let crowd = |keys: &Vec<Key>| {
            let most =
                keys.iter().filter_map(|key| counts.get(&key.hash())).max().copied().unwrap_or_default();
            (most, keys.len())
        };
        let mut filed = Filed::default();
        let mut buckets: HashMap<u64, Vec<u32>> = HashMap::new();
        let mut always = Vec::new();
        for (rule, choices) in rules.iter().zip(&choices) {
            match choices.iter().flatten().min_by_key(|keys| crowd(keys)) {
                Some(keys) => {
                    for key in keys {
                        filed.note(*key);
                        buckets.entry(key.hash()).or_default().push(rule.index);
                    }
                }
                None => always.push(rule.index),
            }
        }
        filed.always = always.into();
        filed.buckets = buckets.into_iter().map(|(key, rules)| (key, rules.into())).collect();
        Self { filed: Some(Box::new(filed)) }
    }

    /// Calls `visit` with the statements that could match, some perhaps twice.
    #[inline]
    pub(super) fn candidates(&self, count: usize, subject: &Subject<'_>, mut visit: impl FnMut(u32)) {
        match &self.filed {
            None => (0..count).for_each(|index| visit(u32::try_from(index).unwrap_or(u32::MAX))),
            Some(filed) => {
                filed.always.iter().for_each(|index| visit(*index));
                filed.look(subject, |hash| {
                    if let Some(found) = filed.buckets.get(&hash) {
                        found.iter().for_each(|index| visit(*index));
                    }
                });
            }
        }
    }
}

impl Filed {
    fn note(&mut self, key: Key) {
        match key {
            Key::Principal(_) => self.principals = true,
            Key::Action(_) => self.actions = true,
            Key::Service(_) => self.services = true,
            Key::Resource(_) => self.exact_resources = true,
            Key::Prefix { ordinal, .. } => self.prefixes |= 1 << ordinal,
        }
    }

    /// Calls `probe` with every key under which a statement could be filed that matches the request.
    #[inline]
    fn look(&self, subject: &Subject<'_>, mut probe: impl FnMut(u64)) {
        let keys = subject.index_keys();
        if self.principals {
            keys.principals(subject).iter().for_each(|key| probe(*key));
        }
        if self.actions {
            probe(keys.action(subject));
        }
        if self.services {
            probe(keys.service(subject));
        }
        if self.prefixes == 0 && !self.exact_resources {
            return;
        }
        let resource = keys.resource(subject);
        let mut wanted = self.prefixes;
        while wanted != 0 {
            if let Some(key) = resource.prefixes.get(wanted.trailing_zeros() as usize) {
                probe(*key);
            }
            wanted &= wanted - 1;
        }
        if let Some(key) = resource.whole.filter(|_| self.exact_resources) {
            probe(key);
        }
    }
}

/// Statements are filed under resource prefixes of up to this many delimiters.
const PREFIXES: usize = 24;

/// The keys of a request, each computed when an index first asks for it.
#[derive(Debug, Default)]
pub(crate) struct IndexKeys {
    principals: OnceCell<SmallVec<[u64; 4]>>,
    action: OnceCell<u64>,
    service: OnceCell<u64>,
    resource: OnceCell<ResourceKeys>,
}

#[derive(Debug, Default)]
struct ResourceKeys {
    /// Of the resource up to each delimiter.
    prefixes: SmallVec<[u64; PREFIXES]>,
    whole: Option<u64>,
}

impl IndexKeys {
    fn principals(&self, subject: &Subject<'_>) -> &[u64] {
        self.principals.get_or_init(|| {
            let mut keys = SmallVec::new();
            each_identity(subject.principal(), |kind, name, _| keys.push(principal_key(kind, name)));
            keys
        })
    }

    fn action(&self, subject: &Subject<'_>) -> u64 {
        *self.action.get_or_init(|| hash::of(b'a', subject.action()))
    }

    fn service(&self, subject: &Subject<'_>) -> u64 {
        *self.service.get_or_init(|| {
            let service = subject.action().split(|byte| *byte == b':').next().unwrap_or_default();
            hash::of(b's', service)
        })
    }

    fn resource(&self, subject: &Subject<'_>) -> &ResourceKeys {
        self.resource.get_or_init(|| {
            let mut keys = ResourceKeys::default();
            if let Some(resource) = subject.resource() {
                let mut hash = Hash::new(b'r');
                for segment in resource.split_inclusive(|byte| delimiter(*byte)) {
                    hash.bytes(segment);
                    if segment.last().is_some_and(|byte| delimiter(*byte)) && keys.prefixes.len() < PREFIXES {
                        keys.prefixes.push(hash.finish());
                    }
                }
                keys.whole = Some(whole(hash));
            }
            keys
        })
    }
}

fn delimiter(byte: u8) -> bool {
    matches!(byte, b':' | b'/')
}

/// Tells a whole resource from a prefix with the same text.
fn whole(mut hash: Hash) -> u64 {
    hash.bytes(b"$");
    hash.finish()
}

fn segments(text: &str) -> Hash {
    let mut hash = Hash::new(b'r');
    text.as_bytes().split_inclusive(|byte| delimiter(*byte)).for_each(|segment| hash.bytes(segment));
    hash
}

fn principal_key(kind: PrincipalType, name: &str) -> u64 {
    let tag = match kind {
        PrincipalType::Any => b'0',
        PrincipalType::Aws => b'1',
        PrincipalType::Federated => b'2',
        PrincipalType::Service => b'3',
        PrincipalType::CanonicalUser => b'4',
    };
    hash::of(tag, name.as_bytes())
}

/// The keys of a statement in each dimension; `None` where it can match anything.
fn keys(rule: &Rule) -> [Option<Vec<Key>>; 3] {
    [
        rule.principals.as_ref().and_then(principal_keys),
        action_keys(&rule.actions),
        rule.resources.as_ref().and_then(resource_keys),
    ]
}

fn principal_keys(principals: &Principals) -> Option<Vec<Key>> {
    Some(principals.index_names()?.map(|(kind, name)| Key::Principal(principal_key(kind, name))).collect())
}

fn action_keys(actions: &Actions) -> Option<Vec<Key>> {
    let key = |pattern: &Pattern| {
        let (prefix, exact) = pattern.literal_prefix();
        if exact {
            return Some(Key::Action(hash::of(b'a', prefix.as_bytes())));
        }
        let (service, _) = prefix.split_once(':')?;
        Some(Key::Service(hash::of(b's', service.as_bytes())))
    };
    unique(actions.negated, &actions.patterns, key)
}

fn resource_keys(resources: &Resources) -> Option<Vec<Key>> {
    let key = |pattern: &Pattern| {
        let (prefix, exact) = pattern.literal_prefix();
        if exact {
            return Some(Key::Resource(whole(segments(prefix))));
        }
        let end = prefix.bytes().rposition(delimiter)?;
        let prefix = prefix.get(..=end)?;
        let delimiters = prefix.bytes().filter(|byte| delimiter(*byte)).count();
        let ordinal = u32::try_from(delimiters)
            .ok()?
            .checked_sub(1)
            .filter(|ordinal| (*ordinal as usize) < PREFIXES)?;
        Some(Key::Prefix { hash: segments(prefix).finish(), ordinal })
    };
    unique(resources.negated, &resources.patterns, key)
}

fn unique(negated: bool, patterns: &[Pattern], key: impl Fn(&Pattern) -> Option<Key>) -> Option<Vec<Key>> {
    if negated {
        return None;
    }
    let mut keys: Vec<Key> = patterns.iter().map(key).collect::<Option<_>>()?;
    keys.sort_by_key(|key| key.hash());
    keys.dedup();
    Some(keys)
}
