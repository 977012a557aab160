//! The shortest text in several languages at once.
//!
//! The text is a row of segments, each with a language of its own; a track says what a stretch of segments together
//! must or must not be. Several claims of one token that share parts, such as `sub` and `repository`, are tracks over
//! one row.

use std::collections::{HashMap, VecDeque};

use super::machine::{ALL, Alphabet, DEAD, Machine};
use super::nfa::Nfa;

/// A demand on the segments from `from` up to but not including `to`.
#[derive(Debug)]
pub(super) struct Track<'n> {
    pub(super) nfa: &'n Nfa,
    /// Whether the stretch must not be accepted.
    pub(super) negated: bool,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The search took more steps than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exhausted;

struct Node {
    parent: u32,
    /// The character read to get here; `None` at the beginning of a segment.
    read: Option<char>,
    segment: usize,
    length: u32,
}

/// The texts of the segments, shortest altogether; `None` when there are none. `steps` is what may still be done.
pub(super) fn shortest(
    segments: &[&Nfa],
    tracks: &[Track<'_>],
    steps: &mut usize,
) -> Result<Option<Vec<String>>, Exhausted> {
    let alphabet = Alphabet::of(segments.iter().copied().chain(tracks.iter().map(|track| track.nfa)));
    let faces = alphabet.faces();
    let mut parts: Vec<Machine<'_>> = segments.iter().map(|nfa| Machine::new(nfa, faces.len())).collect();
    let mut machines: Vec<Machine<'_>> =
        tracks.iter().map(|track| Machine::new(track.nfa, faces.len())).collect();
    let mut nodes: Vec<Node> = Vec::new();
    let mut states: Vec<Vec<u32>> = Vec::new();
    let mut seen: HashMap<(usize, Vec<u32>), u32> = HashMap::new();
    let mut queue: VecDeque<u32> = VecDeque::new();

    // The first entry of a state is the segment's own; those of tracks that are not running are `DEAD`.
    let enter = |segment: usize,
                 before: &[u32],
                 parts: &mut Vec<Machine<'_>>,
                 machines: &mut Vec<Machine<'_>>|
     -> Option<Vec<u32>> {
        let mut state = vec![match parts.get_mut(segment) {
            Some(part) => part.start(),
            None => DEAD,
        }];
        for ((track, machine), had) in tracks.iter().zip(machines.iter_mut()).zip(before) {
            let had = if track.from == segment { machine.start() } else { *had };
            if track.to == segment {
                if machine.accepts(had) == track.negated {
                    return None;
                }
                state.push(DEAD);
            } else {
                state.push(had);
            }
        }
        Some(state)
    };
    let blank = vec![DEAD; tracks.len()];
    if let Some(state) = enter(0, &blank, &mut parts, &mut machines) {
        seen.insert((0, state.clone()), 0);
        states.push(state);
        nodes.push(Node { parent: 0, read: None, segment: 0, length: 0 });
        queue.push_back(0);
    }
    while let Some(at) = queue.pop_front() {
        *steps = steps.checked_sub(1).ok_or(Exhausted)?;
        let Some((segment, length)) = nodes.get(at as usize).map(|node| (node.segment, node.length)) else {
            continue;
        };
        if segment == segments.len() {
            return Ok(Some(words(&nodes, at, segments.len())));
        }
        let Some(state) = states.get(at as usize).cloned() else { continue };
        let Some((own, rest)) = state.split_first() else { continue };
        let ended = parts.get(segment).is_some_and(|part| part.accepts(*own));
        if ended
            && let Some(next) = enter(segment + 1, rest, &mut parts, &mut machines)
            && seen.get(&(segment + 1, next.clone())).is_none_or(|had| length < *had)
        {
            seen.insert((segment + 1, next.clone()), length);
            let id = u32::try_from(nodes.len()).map_err(|_| Exhausted)?;
            nodes.push(Node { parent: at, read: None, segment: segment + 1, length });
            states.push(next);
            queue.push_front(id);
        }
        'symbols: for (symbol, face) in faces.iter().enumerate() {
            let Some(part) = parts.get_mut(segment) else { break };
            let own = part.step(*own, symbol, *face);
            if own == DEAD {
                continue;
            }
            let mut next = Vec::with_capacity(state.len());
            next.push(own);
            for ((track, machine), had) in tracks.iter().zip(machines.iter_mut()).zip(rest) {
                if !(track.from..track.to).contains(&segment) {
                    next.push(DEAD);
                    continue;
                }
                let to = machine.step(*had, symbol, *face);
                if to == if track.negated { ALL } else { DEAD } {
                    continue 'symbols;
                }
                next.push(to);
            }
            *steps = steps.checked_sub(1).ok_or(Exhausted)?;
            let key = (segment, next);
            let length = length.saturating_add(1);
            if seen.get(&key).is_some_and(|had| *had <= length) {
                continue;
            }
            let id = u32::try_from(nodes.len()).map_err(|_| Exhausted)?;
            nodes.push(Node { parent: at, read: Some(*face), segment, length });
            states.push(key.1.clone());
            seen.insert(key, length);
            queue.push_back(id);
        }
    }
    Ok(None)
}

/// The texts along the way to a node.
fn words(nodes: &[Node], mut at: u32, segments: usize) -> Vec<String> {
    let mut backwards: Vec<Vec<char>> = vec![Vec::new(); segments];
    while let Some(node) = nodes.get(at as usize) {
        if let (Some(read), Some(word)) = (node.read, backwards.get_mut(node.segment)) {
            word.push(read);
        }
        if at == 0 {
            break;
        }
        at = node.parent;
    }
    backwards.into_iter().map(|word| word.into_iter().rev().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glob::Pattern;
    use crate::space::Language;
    use crate::variable::Syntax;

    fn glob(pattern: &str) -> Nfa {
        let mut nfa = Nfa::nothing();
        nfa.add_pattern(&Pattern::compile(pattern, Syntax { wildcards: true, variables: false }));
        nfa
    }

    fn language(regex: &str) -> Nfa {
        Language::regex(regex).unwrap().nfa().clone()
    }

    fn find(segments: &[&str], tracks: &[(&str, bool, usize, usize)]) -> Option<String> {
        let segments: Vec<Nfa> = segments.iter().map(|regex| language(regex)).collect();
        let automata: Vec<Nfa> = tracks.iter().map(|(pattern, ..)| glob(pattern)).collect();
        let tracks: Vec<Track<'_>> = tracks
            .iter()
            .zip(&automata)
            .map(|((_, negated, from, to), nfa)| Track { nfa, negated: *negated, from: *from, to: *to })
            .collect();
        let segments: Vec<&Nfa> = segments.iter().collect();
        shortest(&segments, &tracks, &mut 1_000_000).unwrap().map(|words| words.join("|"))
    }

    #[test]
    fn one_segment() {
        let one = |tracks: &[(&str, bool)]| {
            find(&[".*"], &tracks.iter().map(|(p, n)| (*p, *n, 0, 1)).collect::<Vec<_>>())
        };
        assert_eq!(one(&[("a*", false), ("*b", false)]).as_deref(), Some("ab"));
        assert_eq!(one(&[("a*", false), ("a", true), ("a?*", true)]), None);
        assert_eq!(one(&[("a*", false), ("ab*", true)]).as_deref(), Some("a"));
        assert_eq!(one(&[("a?", false), ("a?*", true)]), None);
        assert_eq!(one(&[("*", true)]), None);
        assert_eq!(one(&[("?", true), ("", true)]).as_deref(), Some("xx"));
        assert_eq!(one(&[("*a*", false), ("*b*", false), ("*ab*", true)]).as_deref(), Some("ba"));
        assert_eq!(one(&[]).as_deref(), Some(""));
    }

    #[test]
    fn tracks_over_shared_segments() {
        let sub = ["repo:", "[a-z]+", "/", "[a-z]+", ":ref:", ".+"];
        let find = |tracks: &[(&str, bool, usize, usize)]| find(&sub, tracks);
        assert_eq!(
            find(&[("repo:acme/*", false, 0, 6), ("*/shop", false, 1, 4), ("main", false, 5, 6)]).as_deref(),
            Some("repo:|acme|/|shop|:ref:|main")
        );
        assert_eq!(find(&[("repo:acme/*", false, 0, 6), ("evil/*", false, 1, 4)]), None);
        assert_eq!(find(&[("acme", false, 1, 2), ("ac*", true, 1, 4)]), None);
        assert_eq!(find(&[("repo:a/b:ref:c", true, 0, 6), ("a/b", false, 1, 4), ("c", false, 5, 6)]), None);
    }

    #[test]
    fn a_search_is_bounded() {
        let nfa = glob("*a?????????????????????");
        let any = language(".*");
        let track = Track { nfa: &nfa, negated: false, from: 0, to: 1 };
        let end = glob("*b");
        let other = Track { nfa: &end, negated: true, from: 0, to: 1 };
        assert_eq!(shortest(&[&any], &[track, other], &mut 20), Err(Exhausted));
    }
}
