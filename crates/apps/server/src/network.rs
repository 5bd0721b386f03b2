//! Who is on the other side of a connection: networks in CIDR notation, the proxies that are trusted, and the client behind them.
//!
//! Addresses are compared and counted while they are there. None is logged or stored.

use std::{fmt, net::IpAddr, str::FromStr};

use http::{HeaderMap, HeaderName, header};
use operations::ClientNetwork;
use serde::Deserialize;

/// What most proxies tell about the client.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The most hops that are looked at, from our side: a longer chain is made up.
const HOPS_MAX: usize = 32;

/// A network: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// Why a text is no network that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Not an address, or no prefix length that fits it.
    #[error("`{text}` is neither an address nor a network such as `10.0.0.0/8` (names are not looked up)")]
    Unreadable {
        /// What was written.
        text: String,
    },
    /// The address has bits beyond the prefix: which of the two was meant?
    #[error(
        "`{text}` is an address inside a network: write `{network}` for the network, or the address alone"
    )]
    HostBits {
        /// What was written.
        text: String,
        /// The network it lies in.
        network: Network,
    },
    /// A prefix of no length.
    #[error("`{text}` means everybody, who cannot all be trusted")]
    Everybody {
        /// What was written.
        text: String,
    },
}

impl Network {
    /// Whether the address lies in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => {
                masked(address.to_canonical(), self.prefix_bits) == self.address
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// The address with every bit beyond the prefix zero.
fn masked(address: IpAddr, prefix_bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix_bits.min(32))).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix_bits.min(128))).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let unreadable = || NetworkError::Unreadable { text: text.to_owned() };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| unreadable())?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            // `+8` and `08` parse as numbers and are none of CIDR notation.
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|bits: &u8| *bits <= bits_max && bits.to_string() == digits)
                .ok_or_else(unreadable)?,
            None => bits_max,
        };
        if prefix_bits == 0 {
            return Err(NetworkError::Everybody { text: text.to_owned() });
        }
        // `::ffff:10.0.0.1` is how a socket for both families shows 10.0.0.1.
        let (address, prefix_bits) = match (address.to_canonical(), address.is_ipv6()) {
            (canonical @ IpAddr::V4(_), true) => {
                (canonical, prefix_bits.checked_sub(96).filter(|bits| *bits > 0).ok_or_else(unreadable)?)
            }
            _ => (address, prefix_bits),
        };
        let network = Self { address: masked(address, prefix_bits), prefix_bits };
        if network.address != address {
            return Err(NetworkError::HostBits { text: text.to_owned(), network });
        }
        Ok(network)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// Whose connections are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admits {
    /// Everybody's: on loopback, or where TLS ends here.
    Everybody,
    /// Those of the trusted proxies: plain HTTP off loopback.
    TrustedProxies,
}

/// What is known of the other side of connections.
#[derive(Debug)]
pub(crate) struct Peers {
    pub(crate) admits: Admits,
    pub(crate) trusted: Vec<Network>,
}

impl Peers {
    /// Whether a connection from that address is taken.
    pub(crate) fn admit(&self, peer: IpAddr) -> bool {
        match self.admits {
            Admits::Everybody => true,
            Admits::TrustedProxies => self.trusts(peer),
        }
    }

    /// The network of the client that sent a request with these headers over a connection from that address.
    ///
    /// `None` where nobody can tell: a trusted proxy that says nothing of its client, or a proxy on this machine that is not named.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<ClientNetwork> {
        let client = if self.trusts(peer) {
            self.forwarded_for(peer, headers)?
        } else {
            // Who does not end TLS here comes through something on this machine, and all who do look the same.
            Some(peer).filter(|peer| !peer.to_canonical().is_loopback())?
        };
        Some(ClientNetwork::of(client))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The client that a trusted proxy names; the proxy itself where what it names cannot be believed, so that whoever makes it up
    /// is counted with all others who do.
    fn forwarded_for(&self, proxy: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let plain = headers.contains_key(X_FORWARDED_FOR).then(|| {
            self.client_of(values(headers, &X_FORWARDED_FOR).flat_map(|value| value.rsplit(',')).map(hop))
        });
        let standard = headers.contains_key(header::FORWARDED).then(|| {
            let elements = values(headers, &header::FORWARDED).flat_map(|value| value.rsplit(','));
            self.client_of(elements.map(|element| hop(forwarded_for_of(element)?)))
        });
        match (plain, standard) {
            (None, None) => None,
            (Some(named), None) | (None, Some(named)) => Some(named.unwrap_or(proxy)),
            // A proxy sets one of the two and may pass the other on as the client sent it: only what both say is true.
            (Some(plain), Some(standard)) => Some(plain.filter(|_| plain == standard).unwrap_or(proxy)),
        }
    }

    /// The rightmost hop that is no proxy of ours: what stands left of it, anybody may have written.
    fn client_of(&self, hops: impl Iterator<Item = Option<IpAddr>>) -> Option<IpAddr> {
        let mut last = None;
        for hop in hops.take(HOPS_MAX) {
            let address = hop?;
            if !self.trusts(address) {
                return Some(address);
            }
            last = Some(address);
        }
        last
    }
}

/// The lines of a header from the last to the first; one that is not ASCII counts as an empty one.
fn values<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let mut lines: Vec<&str> =
        headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    lines.reverse();
    lines.into_iter()
}

/// The value of `for` in one element of `Forwarded` (RFC 7239 §4).
fn forwarded_for_of(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })
}

/// One hop: an address, perhaps with a port, an IPv6 address perhaps in brackets (RFC 7239 §6).
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let without_port = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    without_port.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn networks_are_read_as_written() {
        for (text, inside, outside) in [
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::a01:203"),
            ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
            ("128.0.0.0/1", "255.0.0.1", "127.0.0.1"),
        ] {
            let network: Network = text.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{inside} in {text}");
            assert!(!network.contains(outside.parse().unwrap()), "{outside} not in {text}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_and_says_why() {
        for (text, why) in [
            ("", "neither"),
            ("proxy.internal", "neither"),
            ("10.0.0.0/33", "neither"),
            ("10.0.0.0/+8", "neither"),
            ("10.0.0.0/", "neither"),
            ("10.0.0/8", "neither"),
            ("10.0.0.1:80", "neither"),
            ("fd00::/129", "neither"),
            ("::ffff:10.0.0.0/8", "neither"),
            ("10.0.0.5/8", "`10.0.0.0/8`"),
            ("fd00::1/64", "`fd00::/64`"),
            ("0.0.0.0/0", "everybody"),
            ("::/0", "everybody"),
        ] {
            let error = text.parse::<Network>().unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(text), "{text}: {error}");
        }
    }

    fn peers() -> Peers {
        let trusted = ["10.0.0.0/8", "127.0.0.1", "fd00::/8"].map(|text| text.parse().unwrap());
        Peers { admits: Admits::TrustedProxies, trusted: trusted.to_vec() }
    }

    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> Option<ClientNetwork> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        peers().client(peer.parse().unwrap(), &map)
    }

    fn network(address: &str) -> Option<ClientNetwork> {
        Some(ClientNetwork::of(address.parse().unwrap()))
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let named = [("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client("10.0.0.1", &named), network("192.0.2.1"));
        assert_eq!(client("::ffff:10.0.0.1", &named), network("192.0.2.1"));
        assert_eq!(client("198.51.100.1", &named), network("198.51.100.1"));
        assert_eq!(client("127.0.0.2", &named), None, "not named, and everybody looks like it");
        assert_eq!(client("10.0.0.1", &[]), None, "the proxy says nothing");
    }

    #[test]
    fn the_rightmost_hop_that_is_not_ours_is_the_client() {
        for (headers, expected) in [
            (vec![("x-forwarded-for", "203.0.113.9, 192.0.2.1, 10.0.0.2")], "192.0.2.1"),
            (vec![("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
            (vec![("x-forwarded-for", "192.0.2.1:4711")], "192.0.2.1"),
            (vec![("x-forwarded-for", "2001:db8::1")], "2001:db8::1"),
            (vec![("x-forwarded-for", "10.0.0.9")], "10.0.0.9"),
            (
                vec![("forwarded", "for=203.0.113.9;proto=http, For=\"[2001:db8::1]:4711\";by=10.0.0.1")],
                "2001:db8::1",
            ),
            (vec![("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
        ] {
            assert_eq!(client("10.0.0.1", &headers), network(expected), "{headers:?}");
        }
    }

    #[test]
    fn what_cannot_be_believed_counts_for_the_proxy() {
        let proxy = network("10.0.0.1");
        for headers in [
            vec![("x-forwarded-for", "unknown")],
            vec![("x-forwarded-for", "")],
            vec![("x-forwarded-for", "192.0.2.1, _hidden")],
            vec![("forwarded", "by=10.0.0.1")],
            vec![("forwarded", "for=_secret")],
            // One of the two was sent by the client.
            vec![("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "192.0.2.1")],
        ] {
            assert_eq!(client("10.0.0.1", &headers), proxy, "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_client_writes_is_left_of_what_the_proxy_says(
            plain in prop::collection::vec(any::<u8>(), 0..80),
            standard in "[a-z0-9=;,\"\\[\\]:._ -]{0,80}",
            text: String,
        ) {
            let lines = |name: HeaderName, written: &[u8], said: &'static str| {
                let mut headers = HeaderMap::new();
                headers.extend(HeaderValue::from_bytes(written).map(|value| (name.clone(), value)));
                headers.append(name, HeaderValue::from_static(said));
                headers
            };
            let proxy: IpAddr = "10.0.0.1".parse().unwrap();
            for headers in [
                lines(X_FORWARDED_FOR, &plain, "192.0.2.1"),
                lines(header::FORWARDED, standard.as_bytes(), "for=192.0.2.1"),
                lines(header::FORWARDED, &plain, "for=\"192.0.2.1:4711\";proto=https"),
            ] {
                prop_assert_eq!(peers().client(proxy, &headers), network("192.0.2.1"), "{:?}", headers);
            }
            let _ = text.parse::<Network>();
        }
    }

    #[test]
    fn plain_http_is_for_the_proxies_alone() {
        let mut peers = peers();
        let admits = |peers: &Peers, peer: &str| peers.admit(peer.parse().unwrap());
        assert!(admits(&peers, "10.1.1.1") && admits(&peers, "::ffff:10.1.1.1"));
        assert!(!admits(&peers, "192.0.2.1") && !admits(&peers, "127.0.0.2"));
        peers.admits = Admits::Everybody;
        assert!(admits(&peers, "192.0.2.1"));
    }
}
