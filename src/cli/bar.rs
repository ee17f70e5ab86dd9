//! How far long work is, drawn where somebody looks on.
//!
//! On a terminal only, and on the standard error output, so that what a command prints can be read by another program; nowhere
//! with `--no-progress`.

use clap::Args;
use std::io::{IsTerminal as _, Write as _};

/// Places of a bar.
const WIDTH: usize = 24;
/// Most characters of what a bar is about.
const LONGEST_NAME: usize = 24;

/// Whether bars are drawn.
#[derive(Clone, Copy, Debug, Args)]
pub struct Looks {
    /// Draw no bars, even on a terminal.
    #[arg(long)]
    pub no_progress: bool,
}

/// One bar: what is counted, how much of it is done, and of how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub name: String,
    pub done: u64,
    pub all: u64,
    /// What stands behind it.
    pub rest: String,
}

impl Bar {
    /// A bar with nothing behind it.
    pub fn new(name: impl Into<String>, done: u64, all: u64) -> Self {
        Self { name: name.into(), done, all, rest: String::new() }
    }

    fn line(&self) -> String {
        let (done, all) = (self.done.min(self.all), self.all);
        let full = (u128::from(done) * WIDTH as u128).checked_div(u128::from(all));
        let full = full.map_or(WIDTH, |full| usize::try_from(full).unwrap_or(WIDTH));
        let bar: String = (0..WIDTH).map(|place| if place < full { '#' } else { '.' }).collect();
        // Whatever a name says, it moves no cursor.
        let name: String = self.name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        format!("{name:<LONGEST_NAME$} [{bar}] {done} of {all}{}", self.rest)
    }
}

/// Bars, one below the other, drawn anew in the same place.
pub struct Bars {
    are_seen: bool,
    drawn: usize,
}

impl Bars {
    /// None drawn yet.
    pub fn new(looks: Looks) -> Self {
        Self { are_seen: !looks.no_progress && std::io::stderr().is_terminal(), drawn: 0 }
    }

    /// Whether somebody looks on.
    pub const fn are_seen(&self) -> bool {
        self.are_seen
    }

    /// Draws these in place of those before. What cannot be drawn is not.
    pub fn draw(&mut self, bars: &[Bar]) {
        if !self.are_seen {
            return;
        }
        let text = redrawn(self.drawn, bars);
        self.drawn = self.drawn.max(bars.len());
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// What a terminal is told: up to where the first one stands, then each on a line of its own, without what stood there.
fn redrawn(former: usize, bars: &[Bar]) -> String {
    let mut text = if former > 0 { format!("\u{1b}[{former}A") } else { String::new() };
    let rest = std::iter::repeat_n(String::new(), former.saturating_sub(bars.len()));
    for line in bars.iter().map(Bar::line).chain(rest) {
        text.push_str("\r\u{1b}[2K");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_when_all_is_done_and_never_before() {
        for (done, all, full) in [(0, 0, 24), (0, 10, 0), (1, 1000, 0), (5, 10, 12), (999, 1000, 23), (9, 8, 24)] {
            let line = Bar::new("leaves", done, all).line();
            assert_eq!(line.matches('#').count(), full, "{line}");
            assert!(line.ends_with(&format!("] {} of {all}", done.min(all))), "{line}");
        }
        let odd = Bar { rest: ", 2 in review".into(), ..Bar::new("見本\u{1b}[2J\n", 1, 2) }.line();
        assert!(odd.starts_with("見本[2J ") && odd.ends_with("1 of 2, 2 in review"), "{odd}");
    }

    #[test]
    fn bars_are_drawn_where_those_before_stood() {
        let bars = [Bar::new("a", 1, 2), Bar::new("b", 1, 2)];
        let first = redrawn(0, &bars);
        assert!(first.starts_with("\r\u{1b}[2Ka ") && first.matches('\n').count() == 2, "{first:?}");
        let fewer = redrawn(2, &bars[..1]);
        assert!(fewer.starts_with("\u{1b}[2A\r") && fewer.ends_with("\r\u{1b}[2K\n"), "{fewer:?}");
        assert_eq!(fewer.matches('\n').count(), 2);
    }
}
