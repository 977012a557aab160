//! Fuzz targets for everything that reads what an outsider wrote.
//!
//! A target is a plain function of bytes that must not panic, and that asserts what must hold for any input. Each runs in
//! two ways: `cargo +nightly fuzz run <target>` searches for as long as it is let, and the tests of this crate run every
//! target over its seeds and over a few thousand mutations of them, so that a target cannot rot.

mod seeds;
mod targets;

pub use targets::{TARGETS, Target};

/// Makes a binary of one target: libFuzzer's entry point under `cargo fuzz`, otherwise a program that runs the target over
/// the files named on its command line, to look at a crash again.
#[macro_export]
macro_rules! fuzz_main {
    ($name:literal) => {
        #[cfg(fuzzing)]
        ::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::run($name, data));

        #[cfg(not(fuzzing))]
        fn main() {
            for path in std::env::args_os().skip(1) {
                match std::fs::read(&path) {
                    Ok(data) => $crate::run($name, &data),
                    Err(error) => eprintln!("cannot read {}: {error}", path.display()),
                }
            }
        }
    };
}

/// Runs the target of that name.
///
/// # Panics
/// If there is none, and if the target finds something.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no fuzz target `{name}`")).run)(data);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SplitMix64: a fixed stream, so that a failure repeats.
    struct Stream(u64);

    impl Stream {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        fn below(&mut self, limit: usize) -> usize {
            (self.next() % limit.max(1) as u64) as usize
        }

        fn mutate(&mut self, data: &mut Vec<u8>) {
            for _ in 0..=self.below(4) {
                let at = self.below(data.len());
                match self.below(6) {
                    0 if !data.is_empty() => data[at] ^= 1 << self.below(8),
                    1 if !data.is_empty() => data[at] = self.next() as u8,
                    2 => data.insert(at, b"{}[]\",:*?$\\.%/\0"[self.below(15)]),
                    3 if !data.is_empty() => drop(data.remove(at)),
                    4 => data.truncate(at),
                    _ => {
                        let piece = data[at..data.len().min(at + 24)].to_vec();
                        let to = self.below(data.len());
                        data.splice(to..to, piece);
                    }
                }
            }
        }
    }

    #[test]
    fn every_target_survives_its_seeds_and_their_mutations() {
        let mut stream = Stream(0x5746_4745);
        for target in TARGETS {
            let seeds = (target.seeds)();
            assert!(!seeds.is_empty(), "{} has no seed", target.name);
            for seed in &seeds {
                (target.run)(seed);
            }
            for round in 0..3_000 {
                let mut data = seeds[round % seeds.len()].clone();
                stream.mutate(&mut data);
                (target.run)(&data);
            }
        }
    }

    #[test]
    fn every_target_has_its_binary() {
        for target in TARGETS {
            let path = format!("{}/fuzz_targets/{}.rs", env!("CARGO_MANIFEST_DIR"), target.name);
            let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(
                source.contains(&format!("fuzz_main!(\"{}\")", target.name)),
                "{path} runs another target"
            );
        }
    }
}
