//! What was told, as an Atom feed (RFC 4287), the latest first: each update is an entry, in both languages.

use super::view::{StatusNoticeView, StatusReport, StatusUpdateView};
use crate::domain::Words;
use quick_xml::escape::escape;
use std::fmt::Write as _;

/// Most entries.
const MOST: usize = 100;

/// The feed of a report. `public_url` is the address that everybody sees, without a slash at its end.
#[must_use]
pub fn atom(report: &StatusReport, public_url: &str) -> String {
    let live = report.incidents.iter().chain(&report.maintenance);
    let mut entries: Vec<(&StatusNoticeView, usize, &StatusUpdateView)> = live
        .chain(&report.history)
        .flat_map(|one| one.updates.iter().enumerate().map(move |(n, update)| (one, one.updates.len() - n, update)))
        .collect();
    entries.sort_by(|one, other| other.2.at.cmp(&one.2.at));
    entries.truncate(MOST);
    let address = escape(public_url);
    let updated = entries.first().map_or(&report.checked_at, |(_, _, update)| &update.at);
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n  \
         <id>{address}/status</id>\n  <title>稼働状況 / Service status</title>\n  <updated>{updated}</updated>\n  \
         <author><name>madoguchi</name></author>\n  <link rel=\"self\" href=\"{address}/status.atom\"/>\n  \
         <link rel=\"alternate\" type=\"text/html\" href=\"{address}/status\"/>\n"
    );
    for (notice, number, update) in entries {
        let state = update.state.as_str();
        let (title, text) = (both(&notice.title), both(&update.text));
        let id = escape(notice.id.as_str());
        // Writing to a text does not fail.
        let _ = write!(
            feed,
            "  <entry>\n    <id>{address}/status#{id}-{number}</id>\n    <title>{title} [{state}]</title>\n    \
             <updated>{at}</updated>\n    <link rel=\"alternate\" type=\"text/html\" href=\"{address}/status#{id}\"/>\n    \
             <content type=\"text\">{text}</content>\n  </entry>\n",
            at = update.at,
        );
    }
    feed.push_str("</feed>\n");
    feed
}

fn both(words: &Words) -> String {
    format!("{} / {}", escape(words.ja.as_str()), escape(words.en.as_str()))
}
