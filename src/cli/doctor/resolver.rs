//! One question to this machine's resolver: is a name authenticated by DNSSEC (RFC 4035 §3.2.3, RFC 6840 §5.7)?

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;

/// What the resolver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It checked the signatures (the AD bit).
    Authenticated,
    /// It did not, or there are none.
    Plain,
}

/// The AD bit in the header's second half of flags.
const AUTHENTIC: u8 = 0x20;
/// Our one question's id: there is only one, over a socket of its own.
const ID: [u8; 2] = [0x4d, 0x47];

/// Asks for the name's address; none when nobody answers.
pub(super) async fn ask(name: &str, patience: Duration) -> Option<Answer> {
    let text = tokio::fs::read_to_string("/etc/resolv.conf").await.ok()?;
    let server = SocketAddr::new(server_of(&text)?, 53);
    let own = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(own).await.ok()?;
    socket.connect(server).await.ok()?;
    socket.send(&question(name)?).await.ok()?;
    let mut answer = [0_u8; 1_500];
    let length = tokio::time::timeout(patience, socket.recv(&mut answer)).await.ok()?.ok()?;
    read(answer.get(..length)?)
}

/// The first server that the file names.
fn server_of(text: &str) -> Option<IpAddr> {
    let mut lines = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    lines.find_map(|rest| rest.trim().split('%').next()?.parse().ok())
}

/// A question for the name's A record, with the AD bit set: "tell me whether it is authentic" (RFC 6840 §5.7).
fn question(name: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(64);
    out.extend(ID);
    // Recursion desired; AD; one question, and nothing else.
    out.extend([0x01, AUTHENTIC, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        out.push(u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?);
        out.extend(label.as_bytes());
    }
    // The root; type A; class IN.
    out.extend([0, 0, 1, 0, 1]);
    Some(out)
}

/// A good answer's AD bit; none for an error.
fn read(answer: &[u8]) -> Option<Answer> {
    let (id, flags) = (answer.get(..2)?, answer.get(2..4)?);
    let (first, second) = (flags.first()?, flags.get(1)?);
    let is_good = id == ID && first & 0x80 != 0 && second % 16 == 0;
    is_good.then_some(if second & AUTHENTIC == 0 { Answer::Plain } else { Answer::Authenticated })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_written_as_dns_wants_and_an_answer_read() {
        let asked = question("a.example").unwrap();
        assert_eq!(&asked[..12], [0x4d, 0x47, 1, 0x20, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(&asked[12..], b"\x01a\x07example\x00\x00\x01\x00\x01");
        assert_eq!(question("a..b"), None);
        assert_eq!(question(&"a".repeat(64)), None);
        for (flags, wanted) in [
            ([0x81, 0xa0], Some(Answer::Authenticated)),
            ([0x81, 0x80], Some(Answer::Plain)),
            ([0x81, 0x83], None),
            ([0x01, 0x20], None),
        ] {
            assert_eq!(read(&[&ID[..], &flags[..], &[0; 8]].concat()), wanted);
        }
        assert_eq!(read(&[1]), None);
    }

    #[test]
    fn the_first_server_of_the_file_is_asked() {
        let text = "# comment\nsearch example\nnameserver  fe80::1%eth0\nnameserver 192.0.2.1\n";
        assert_eq!(server_of(text), Some("fe80::1".parse().unwrap()));
        assert_eq!(server_of("nameserver 192.0.2.1"), Some("192.0.2.1".parse().unwrap()));
        assert_eq!(server_of("search example"), None);
    }
}
