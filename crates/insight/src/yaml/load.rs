//! From text to nodes.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Marks};
use stagedoor_policy::Span;

use super::{Content, DEPTH_LIMIT, DOCUMENT_LIMIT, NODE_LIMIT, Node, Yaml};
use crate::source::{FILE_LIMIT, Place, Source};

/// What is wrong with a YAML text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
}

pub(super) fn load(source: &Arc<Source>) -> Result<Yaml, YamlError> {
    let mut loader = Loader::new(source);
    if source.text.len() > FILE_LIMIT {
        let size = source.text.len();
        let message = format!("the file has {size} bytes; at most {FILE_LIMIT} are read");
        return Err(loader.error(message, Span::new(0, 0)));
    }
    let mut parser = Parser::new_from_str(&source.text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, marks)) => loader.take(event, marks)?,
            Err(error) => return Err(loader.syntax(&error)),
        }
    }
    if loader.documents.is_empty() {
        loader.documents.push(Node::nothing().clone());
    }
    Ok(Yaml { source: Arc::clone(source), documents: loader.documents, duplicates: loader.duplicates })
}

struct Loader<'a> {
    source: &'a Arc<Source>,
    /// The byte offset of each character, unless characters are bytes.
    offsets: Option<Vec<u32>>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    documents: Vec<Node>,
    duplicates: Vec<(Place, Place)>,
    nodes: usize,
}

/// A collection whose end was not reached yet.
struct Open {
    start: Span,
    anchor: usize,
    tag: Option<String>,
    mapping: bool,
    children: Vec<Node>,
    size: usize,
}

impl<'a> Loader<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        let text = &source.text;
        let offsets = (!text.is_ascii()).then(|| {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let starts = text.char_indices().map(|(offset, _)| u32::try_from(offset).unwrap_or(u32::MAX));
            starts.chain([end]).collect()
        });
        Self {
            source,
            offsets,
            open: Vec::new(),
            anchors: HashMap::new(),
            documents: Vec::new(),
            duplicates: Vec::new(),
            nodes: 0,
        }
    }

    fn take(&mut self, event: Event<'_>, marks: Marks) -> Result<(), YamlError> {
        let span = Span::new(self.offset(marks.start.index()), self.offset(marks.end.index()));
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let content = Content::Scalar { text: text.into_owned(), plain };
                let tag = tag.map(|tag| tag.suffix.clone());
                let node = Node::new(Place::new(self.source, self.trimmed(span)), tag, content);
                self.add(node, anchor, 1, span)
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(span, anchor, tag.map(|tag| tag.suffix.clone()), false)
            }
            Event::MappingStart(anchor, tag) => {
                self.start(span, anchor, tag.map(|tag| tag.suffix.clone()), true)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some((node, size)) => self.add(node, 0, size, span),
                None => Err(self.error("this alias stands inside of its own anchor".to_owned(), span)),
            },
            Event::DocumentStart(_) if self.documents.len() == DOCUMENT_LIMIT => {
                Err(self.error(format!("the file has more than {DOCUMENT_LIMIT} documents"), span))
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn start(
        &mut self,
        start: Span,
        anchor: usize,
        tag: Option<String>,
        mapping: bool,
    ) -> Result<(), YamlError> {
        if self.open.len() == DEPTH_LIMIT {
            return Err(self.error(format!("the nesting is deeper than {DEPTH_LIMIT} levels"), start));
        }
        self.open.push(Open { start, anchor, tag, mapping, children: Vec::new(), size: 1 });
        Ok(())
    }

    fn end(&mut self, end: Span) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let last = open.children.last().map_or(end, |child| child.place().span);
        let stop = if end.end > end.start { end.end } else { last.end.max(open.start.end) };
        let span = Span { start: open.start.start, end: stop.max(open.start.start) };
        let content =
            if open.mapping { self.mapping(&open.children)? } else { Content::Sequence(open.children) };
        let node = Node::new(Place::new(self.source, span), open.tag, content);
        self.add(node, open.anchor, open.size, span)
    }

    /// Hangs a finished node under the collection that is open.
    fn add(&mut self, node: Node, anchor: usize, size: usize, span: Span) -> Result<(), YamlError> {
        self.nodes += 1;
        let size_here = match self.open.last_mut() {
            None => size,
            Some(open) => {
                open.size = open.size.saturating_add(size);
                open.size
            }
        };
        if size_here.max(self.nodes) > NODE_LIMIT {
            return Err(self.error(
                format!("the document has more than {NODE_LIMIT} nodes, counting what its aliases stand for"),
                span,
            ));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(open) => open.children.push(node),
        }
        Ok(())
    }

    /// Pairs keys with values, lets later keys win, and resolves merge keys, which never win.
    fn mapping(&mut self, children: &[Node]) -> Result<Content, YamlError> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut merged: Vec<Node> = Vec::new();
        for pair in children.chunks_exact(2) {
            let [key, value] = pair else { continue };
            let plain_merge = matches!(key.content(), Content::Scalar { text, plain: true } if text == "<<");
            if plain_merge {
                match value.content() {
                    Content::Mapping(_) => merged.push(value.clone()),
                    Content::Sequence(items) if items.iter().all(Node::is_mapping) => {
                        merged.extend(items.iter().cloned());
                    }
                    _ => {
                        let message = "a merge key takes a mapping or a list of mappings".to_owned();
                        return Err(YamlError { message, place: value.place().clone() });
                    }
                }
                continue;
            }
            let name = key_name(key);
            match places.get(&name).and_then(|at| entries.get_mut(*at)) {
                Some(earlier) => {
                    self.duplicates.push((key.place().clone(), earlier.0.place().clone()));
                    *earlier = (key.clone(), value.clone());
                }
                None => {
                    places.insert(name, entries.len());
                    entries.push((key.clone(), value.clone()));
                }
            }
        }
        for (key, value) in merged.iter().flat_map(Node::entries) {
            if let std::collections::hash_map::Entry::Vacant(slot) = places.entry(key_name(key)) {
                slot.insert(entries.len());
                entries.push((key.clone(), value.clone()));
            }
        }
        Ok(Content::Mapping(entries))
    }

    /// Block scalars end after their line break; what is underlined ends before it.
    fn trimmed(&self, span: Span) -> Span {
        let text = span.text(&self.source.text);
        Span::new(span.start as usize, span.start as usize + text.trim_end().len())
    }

    fn offset(&self, index: usize) -> usize {
        match &self.offsets {
            None => index.min(self.source.text.len()),
            Some(offsets) => offsets.get(index).map_or(self.source.text.len(), |offset| *offset as usize),
        }
    }

    fn syntax(&self, error: &ScanError) -> YamlError {
        let at = self.offset(error.marker().index());
        self.error(format!("this is no YAML: {}", error.info()), Span::new(at, at))
    }

    fn error(&self, message: String, span: Span) -> YamlError {
        YamlError { message, place: Place::new(self.source, span) }
    }
}

/// What makes two keys the same.
fn key_name(key: &Node) -> String {
    match key.content() {
        Content::Scalar { text, .. } => text.clone(),
        _ => format!("\0{}", key.place().span.start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Yaml, YamlError> {
        Yaml::parse(&Source::new("a.yml", text))
    }

    #[test]
    fn every_node_knows_its_place() {
        let yaml = parse("ä: 1\nsteps:\n  - name: \"déploy\"\n    run: |\n      one\n      two\n  - *x\n");
        assert!(yaml.is_err(), "an alias without an anchor");
        let yaml = parse("ä: 1\nsteps:\n  - name: \"déploy\"\n    run: |\n      one\n      two\n").unwrap();
        let step = &yaml.root().get("steps").unwrap().items()[0];
        assert_eq!(step.get("name").unwrap().place().text(), "\"déploy\"");
        assert_eq!(step.get("name").unwrap().text(), Some("déploy"));
        let run = step.get("run").unwrap();
        assert_eq!(run.text(), Some("one\ntwo\n"));
        assert_eq!(run.place().find("two").text(), "two");
        assert_eq!(
            yaml.source.position(run.place().find("two").span.start),
            crate::Position { line: 6, column: 7 }
        );
    }

    #[test]
    fn merge_keys_never_win() {
        let yaml = parse("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 5\n").unwrap();
        let c = yaml.root().get("c").unwrap();
        let texts: Vec<_> = c.fields().map(|(key, _, value)| (key, value.text().unwrap())).collect();
        assert_eq!(texts, [("x", "5"), ("y", "2"), ("z", "4")]);
    }

    #[test]
    fn scalars_stay_what_was_written() {
        let yaml = parse("on: push\nyes: 'true'\nn: ~\nflag: true\nid: 012\nref: !reference [.a, script]\n")
            .unwrap();
        let root = yaml.root();
        assert_eq!(root.get("on").unwrap().text(), Some("push"));
        assert_eq!(root.get("yes").unwrap().boolean(), None);
        assert!(root.get("n").unwrap().is_null());
        assert_eq!(root.get("flag").unwrap().boolean(), Some(true));
        assert_eq!(root.get("id").unwrap().text(), Some("012"));
        assert_eq!(root.get("ref").unwrap().tag(), Some("reference"));
    }

    #[test]
    fn the_later_of_two_keys_counts_and_is_told() {
        let yaml = parse("a: 1\nb: 2\na: 3\n").unwrap();
        assert_eq!(yaml.root().get("a").unwrap().text(), Some("3"));
        let lines: Vec<_> = yaml
            .duplicates
            .iter()
            .map(|(later, earlier)| {
                (yaml.source.position(later.span.start).line, yaml.source.position(earlier.span.start).line)
            })
            .collect();
        assert_eq!(lines, [(3, 1)]);
    }

    #[test]
    fn bombs_and_cycles_are_refused_with_a_line() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb += &format!("a{level}: &a{level} [{inner}]\n");
        }
        let line = |error: &YamlError| error.place.source.position(error.place.span.start).line;
        let error = parse(&bomb).unwrap_err();
        assert_eq!(line(&error), 6);
        assert!(error.message.contains("more than 200000 nodes"), "{error}");
        let error = parse("a: 1\nb: &b\n  - *b\n").unwrap_err();
        assert_eq!(
            (line(&error), error.to_string().as_str()),
            (3, "this alias stands inside of its own anchor")
        );
        let error = parse(&format!("x:\n  {}", "[".repeat(100))).unwrap_err();
        assert_eq!((line(&error), error.to_string().as_str()), (2, "the nesting is deeper than 64 levels"));
    }

    #[test]
    fn merged_bombs_are_counted_as_well() {
        let mut bomb = String::from("a0: &a0 {");
        for key in 0..1000 {
            bomb += &format!("k{key}: v, ");
        }
        bomb += "}\n";
        for level in 1..400 {
            bomb += &format!("m{level}: {{<<: *a0}}\n");
        }
        assert!(parse(&bomb).is_err());
    }
}
