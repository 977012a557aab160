//! Which form of `sub` a text, or a policy's pattern, has.

use super::{Provider, Subject};

/// Holes whose text can hold the characters that otherwise separate parts.
const SPANNING: &[&str] = &[
    "connection",
    "context",
    "environment",
    "id",
    "job_url",
    "jenkins_url",
    "login",
    "origin",
    "path",
    "project_path",
    "ref",
    "repo",
    "rest",
    "subject",
    "user_id",
    "workspace",
];
/// Longer texts have no form: no provider issues such subjects.
const LONGEST: usize = 2048;

/// One character of a template.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Literal(char),
    /// Exactly one character of a hole.
    Some {
        spanning: bool,
    },
    /// Any number of further characters of a hole.
    More {
        spanning: bool,
    },
}

/// One character of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Literal(char),
    One,
    Star,
}

impl Provider {
    /// The form of `sub` that `subject` has: of several, the one that says most.
    #[must_use]
    pub fn subject_form(&self, subject: &str) -> Option<&'static Subject> {
        let text: Vec<Wanted> = subject.chars().map(Wanted::Literal).collect();
        self.forms(&text).max_by_key(|form| {
            form.pieces().iter().filter(|piece| matches!(piece, Piece::Literal(_))).count()
        })
    }

    /// The forms of `sub` that a pattern with the wildcards `*` and `?` can match.
    #[must_use]
    pub fn subject_forms_like(&self, pattern: &str) -> Vec<&'static Subject> {
        let wildcard = |character| match character {
            '*' => Wanted::Star,
            '?' => Wanted::One,
            other => Wanted::Literal(other),
        };
        let text: Vec<Wanted> = pattern.chars().map(wildcard).collect();
        self.forms(&text).collect()
    }

    fn forms(&self, text: &[Wanted]) -> impl Iterator<Item = &'static Subject> {
        let short = text.len() <= LONGEST;
        self.subjects.iter().filter(move |form| short && meet(&form.pieces(), text))
    }
}

impl Subject {
    /// The form as people read it: `{<repositoryUuid>}:{<stepUuid>}`.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut shown = String::new();
        self.parts(|part| match part {
            Part::Literal(character) => shown.push(character),
            Part::Hole(name) => {
                shown.push('<');
                shown.push_str(name);
                shown.push('>');
            }
        });
        shown
    }

    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.parts(|part| match part {
            Part::Literal(character) => pieces.push(Piece::Literal(character)),
            Part::Hole(name) => {
                let spanning = SPANNING.contains(&name);
                pieces.extend([Piece::Some { spanning }, Piece::More { spanning }]);
            }
        });
        pieces
    }

    fn parts(&self, mut take: impl FnMut(Part)) {
        let mut rest = self.template;
        while let Some(character) = rest.chars().next() {
            if rest.starts_with("{{") || rest.starts_with("}}") {
                take(Part::Literal(character));
                rest = rest.get(2..).unwrap_or_default();
            } else if let Some((name, after)) = rest.strip_prefix('{').and_then(|hole| hole.split_once('}')) {
                take(Part::Hole(name));
                rest = after;
            } else {
                take(Part::Literal(character));
                rest = rest.get(character.len_utf8()..).unwrap_or_default();
            }
        }
    }
}

enum Part {
    Literal(char),
    Hole(&'static str),
}

impl Piece {
    /// Whether some character is both this and `wanted`.
    fn meets(self, wanted: Wanted) -> bool {
        match (self, wanted) {
            (_, Wanted::One | Wanted::Star) => true,
            (Piece::Literal(ours), Wanted::Literal(theirs)) => ours == theirs,
            (Piece::Some { spanning } | Piece::More { spanning }, Wanted::Literal(character)) => {
                !matches!(character, '{' | '}') && (spanning || !matches!(character, ':' | '/' | '@' | '|'))
            }
        }
    }
}

/// Whether some text has the template's form and matches the pattern.
fn meet(template: &[Piece], pattern: &[Wanted]) -> bool {
    let width = pattern.len() + 1;
    let mut seen = vec![false; (template.len() + 1) * width];
    let mut open = vec![(0, 0)];
    while let Some((at, to)) = open.pop() {
        match seen.get_mut(at * width + to) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        match (template.get(at), pattern.get(to)) {
            (None, None) => return true,
            (piece, wanted) => {
                if matches!(piece, Some(Piece::More { .. })) {
                    open.push((at + 1, to));
                }
                if wanted == Some(&Wanted::Star) {
                    open.push((at, to + 1));
                }
                if let (Some(piece), Some(wanted)) = (piece, wanted)
                    && piece.meets(*wanted)
                {
                    let stays = matches!(piece, Piece::More { .. });
                    let at = if stays { at } else { at + 1 };
                    open.push((at, if *wanted == Wanted::Star { to } else { to + 1 }));
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(kind: &str, subject: &str) -> Option<&'static str> {
        Provider::by_kind(kind).unwrap().subject_form(subject).map(|form| form.when)
    }

    #[test]
    fn every_example_has_a_form() {
        for provider in Provider::all() {
            let claims = provider.example_claims();
            let subject = claims["sub"].as_str().unwrap();
            assert!(provider.subject_form(subject).is_some(), "{}: {subject}", provider.kind);
        }
    }

    #[test]
    fn the_forms_of_the_ci_providers_are_told_apart() {
        let bitbucket = |subject: &str| when("bitbucket", subject);
        assert_eq!(bitbucket("{c7a1}:{5d0c}"), Some("the step has no `deployment`"));
        assert_eq!(bitbucket("{c7a1}:{f3aa}:{5d0c}"), Some("the step or its stage has a `deployment`"));
        assert_eq!(bitbucket("c7a1:5d0c"), None, "without braces");
        let circleci = |subject: &str| when("circleci", subject).unwrap();
        assert!(circleci("org/o/project/p/user/u").starts_with("CIRCLE_OIDC_TOKEN, "));
        assert!(
            circleci("org/o/project/p/user/u/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main")
                .starts_with("CIRCLE_OIDC_TOKEN_V2 otherwise")
        );
        let github = |subject: &str| when("github", subject).unwrap();
        assert!(github("repo:acme/shop:ref:refs/heads/main").starts_with("otherwise"));
        assert!(github("repo:acme/shop:environment:a:b/c").contains("`environment`"));
        assert!(github("repo:acme@1/shop@2:environment:production").contains("15 July 2026"));
        assert_eq!(when("github", "repository:acme/shop"), None, "a customised subject");
    }

    #[test]
    fn a_pattern_can_match_several_forms() {
        let forms =
            |kind: &str, pattern: &str| Provider::by_kind(kind).unwrap().subject_forms_like(pattern).len();
        assert_eq!(forms("github", "repo:acme/shop:*"), 3, "not the immutable one");
        assert_eq!(forms("github", "repo:acme@1/shop@2:*"), 1);
        assert_eq!(forms("github", "repo:acme*"), 4);
        assert_eq!(forms("bitbucket", "{c7a1}:{f3aa}:*"), 1);
        assert_eq!(forms("bitbucket", "{c7a1}:*"), 2);
        assert_eq!(forms("bitbucket", "{c7a1}:????"), 1, "too short for two more parts");
        assert_eq!(forms("bitbucket", "c7a1:*"), 0);
        assert_eq!(forms("circleci", "org/o/project/p/user/*"), 2);
        assert_eq!(forms("circleci", "org/o/project/p/user/u"), 1);
        assert_eq!(forms("circleci", &"*a".repeat(1000)), 2, "however many wildcards");
        assert_eq!(forms("circleci", &"*".repeat(3000)), 0, "too long to be one");
    }

    #[test]
    fn forms_are_shown_with_their_braces() {
        let forms: Vec<String> =
            Provider::by_kind("bitbucket").unwrap().subjects.iter().map(Subject::shown).collect();
        assert_eq!(
            forms,
            [
                "{<repositoryUuid>}:{<stepUuid>}",
                "{<repositoryUuid>}:{<deploymentEnvironmentUuid>}:{<stepUuid>}"
            ]
        );
    }
}
