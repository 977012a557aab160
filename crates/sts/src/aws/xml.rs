//! The answers of the AWS Query protocol, in XML.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;
use std::io;

/// The namespace of every STS answer.
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An element of an answer: text, or further elements.
pub(crate) enum Element<'a> {
    Text(&'static str, Cow<'a, str>),
    Group(&'static str, Vec<Element<'a>>),
}

impl<'a> Element<'a> {
    pub(crate) fn text(name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        Element::Text(name, value.into())
    }

    pub(crate) fn group(name: &'static str, children: Vec<Element<'a>>) -> Self {
        Element::Group(name, children)
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        match self {
            Element::Text(name, value) => {
                let value = without_controls(value);
                writer.create_element(*name).write_text_content(BytesText::new(&value))?;
            }
            Element::Group(name, children) => {
                writer.write_event(Event::Start(BytesStart::new(*name)))?;
                for child in children {
                    child.write(writer)?;
                }
                writer.write_event(Event::End(BytesEnd::new(*name)))?;
            }
        }
        Ok(())
    }
}

/// A document with `root` in the namespace of STS and these elements in it.
///
/// # Errors
/// None in practice: the writer writes to memory.
pub(crate) fn document(root: &str, children: &[Element<'_>]) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::with_capacity(1024), b' ', 2);
    let start = BytesStart::new(root).with_attributes([("xmlns", NAMESPACE)]);
    writer.write_event(Event::Start(start))?;
    for child in children {
        child.write(&mut writer)?;
    }
    writer.write_event(Event::End(BytesEnd::new(root)))?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// Characters that XML 1.0 (§2.2) has no way to express are replaced: callers choose some of the texts.
fn without_controls(text: &str) -> Cow<'_, str> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(fits) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_of_a_caller_stay_text() {
        let body = document("R", &[Element::text("Message", "a<b>&\u{1}\"")]).unwrap();
        let body = String::from_utf8(body).unwrap();
        assert_eq!(
            body,
            "<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  \
             <Message>a&lt;b&gt;&amp;\u{fffd}&quot;</Message>\n</R>\n"
        );
    }
}
