//! `stagedoor simulate`.

use std::io::{self, BufRead, BufReader, Read, Write};

use clap::{Args, ValueEnum};
use stagedoor_identity::Profile;

use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::simulation::{Answer, LONGEST_LINE};

/// Decide many requests: JSON lines in, a JSON line each out
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Each line of standard input names the policies that apply together and a request:

  {\"id\": 1, \"identity_policies\": [{\"name\": \"p\", \"policy\": {…}}],
   \"request\": {\"principal\": \"arn:aws:iam::123456789012:user/jane\",
               \"action\": \"s3:GetObject\", \"resource\": \"arn:aws:s3:::b/k\",
               \"context\": {\"aws:SourceIp\": \"192.0.2.1\"}}}

Beside identity_policies there are resource_policy, permission_boundaries,
session_policy, scps, rcps and trust_policy. The answers come in the same order:

  {\"id\": 1, \"decision\": \"allow\", \"decided_by\": [{…}], \"reasons\": [\"…\"]}

The decision is allow, implicit_deny or explicit_deny. A faulty line is answered
with an `error`; the lines after it are answered all the same, and the exit code
is 2. Denied requests are no findings here: the exit code is 0."
))]
pub(crate) struct Arguments {
    /// Which keys a web identity has: those given, or of those what AWS exposes
    #[arg(long, value_enum, default_value_t = Keys::Stagedoor)]
    profile: Keys,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Keys {
    /// The condition keys as given
    Stagedoor,
    /// Only the keys that AWS exposes for the issuer, with its rules
    Aws,
}

/// Answers line by line until standard input ends.
///
/// # Errors
/// When standard input cannot be read or standard output not be written.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let profile = match arguments.profile {
        Keys::Stagedoor => Profile::Stagedoor,
        Keys::Aws => Profile::Aws,
    };
    let input = BufReader::with_capacity(64 << 10, io::stdin().lock());
    let output = io::BufWriter::with_capacity(64 << 10, io::stdout().lock());
    match answer(input, output, profile) {
        Ok(exit) => Ok(exit),
        Err(Broken::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Fine),
        Err(Broken::Output(error)) => {
            Err(Failure::internal(format!("cannot write to standard output: {error}")))
        }
        Err(Broken::Input(error)) => Err(Failure::internal(format!("cannot read standard input: {error}"))),
    }
}

enum Broken {
    Input(io::Error),
    Output(io::Error),
}

fn answer<R: Read>(
    mut input: BufReader<R>,
    mut output: impl Write,
    profile: Profile,
) -> Result<Exit, Broken> {
    let mut exit = Exit::Fine;
    let mut line = Vec::new();
    for number in 1.. {
        if !input.buffer().contains(&b'\n') {
            // The next line may be long in coming.
            output.flush().map_err(Broken::Output)?;
        }
        let answer = match next_line(&mut input, &mut line).map_err(Broken::Input)? {
            Line::End => break,
            Line::Whole => Answer::to(&line, number, profile),
            Line::TooLong => Answer::to_long_line(number),
        };
        if answer.is_error() {
            exit = Exit::Input;
        }
        serde_json::to_writer(&mut output, &answer).map_err(|error| Broken::Output(error.into()))?;
        output.write_all(b"\n").map_err(Broken::Output)?;
    }
    output.flush().map_err(Broken::Output)?;
    Ok(exit)
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// Reads a line without its end; what is longer than [`LONGEST_LINE`] is passed over.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    if input.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', line)? == 0 {
        return Ok(Line::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Whole);
    }
    if line.len() <= LONGEST_LINE {
        return Ok(Line::Whole);
    }
    loop {
        let buffered = input.fill_buf()?;
        let (used, ended) = match buffered.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffered.len(), buffered.is_empty()),
        };
        input.consume(used);
        if ended {
            return Ok(Line::TooLong);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use serde_json::{Value, json};

    use super::*;

    const SOUND: &str = r#"{"id":ID,"request":{"principal":"*","action":"s3:X"}}"#;

    fn sound(id: usize) -> String {
        SOUND.replace("ID", &id.to_string())
    }

    fn answers(input: &[u8]) -> (Vec<Value>, Exit) {
        let mut output = Vec::new();
        let Ok(exit) = answer(BufReader::new(input), &mut output, Profile::Stagedoor) else {
            panic!("broken")
        };
        let lines = String::from_utf8(output).unwrap();
        (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), exit)
    }

    #[test]
    fn one_answer_a_line_in_order_and_faults_do_not_stop_it() {
        let mut input = Vec::new();
        for id in 0..50 {
            input.extend_from_slice(sound(id).as_bytes());
            input.extend_from_slice(if id % 2 == 0 { b"\n" } else { b"\r\n" });
            if id % 10 == 0 {
                input.extend_from_slice(b"\xff\xfe\n");
            }
        }
        input.extend_from_slice(sound(50).as_bytes());
        let (answers, exit) = answers(&input);
        assert_eq!(exit, Exit::Input);
        let ids: Vec<u64> = answers.iter().filter_map(|answer| answer["id"].as_u64()).collect();
        assert_eq!(ids, (0..=50).collect::<Vec<u64>>());
        let faulty: Vec<u64> = answers.iter().filter_map(|answer| answer["error"]["line"].as_u64()).collect();
        assert_eq!(faulty, [2, 13, 24, 35, 46]);
    }

    #[test]
    fn decisions_alone_end_well_and_nothing_asked_is_nothing_answered() {
        assert_eq!(answers(sound(1).as_bytes()).1, Exit::Fine);
        assert_eq!(answers(b""), (Vec::new(), Exit::Fine));
    }

    #[test]
    fn a_line_beyond_the_bound_is_passed_over() {
        let mut input = vec![b' '; LONGEST_LINE + 70_000];
        input.push(b'\n');
        input.extend_from_slice(sound(1).as_bytes());
        let (answers, exit) = answers(&input);
        assert_eq!(answers[0]["error"]["code"], "line_too_long");
        assert_eq!((&answers[1]["id"], answers.len(), exit), (&json!(1), 2, Exit::Input));
    }

    /// Gives what was sent, and waits for more when that is used up.
    struct Slow(Receiver<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Ok(sent) = self.0.recv() else { return Ok(0) };
            buffer[..sent.len()].copy_from_slice(&sent);
            Ok(sent.len())
        }
    }

    /// Tells when it is flushed, and with what.
    struct Flushed(Vec<u8>, Sender<Vec<u8>>);

    impl Write for Flushed {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            let _ = self.1.send(std::mem::take(&mut self.0));
            Ok(())
        }
    }

    #[test]
    fn an_answer_does_not_wait_for_the_next_question() {
        let (question, questions) = channel();
        let (flushed, flushes) = channel();
        let answering = std::thread::spawn(move || {
            answer(BufReader::new(Slow(questions)), Flushed(Vec::new(), flushed), Profile::Stagedoor).is_ok()
        });
        for id in 0..3 {
            question.send(format!("{}\n", sound(id)).into_bytes()).unwrap();
            let answer = flushes.iter().find(|bytes| !bytes.is_empty()).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&answer).unwrap()["id"], id);
        }
        drop(question);
        assert!(answering.join().unwrap());
    }
}
