//! Which addresses are public: where we go when somebody else says where.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tokio::net::lookup_host;
use tower::Service;

/// Whether an address is reached over the public internet, by the IANA's registries of special addresses.
///
/// Private, loopback, link-local (with the metadata services of clouds), shared, documentation, benchmarking, multicast and
/// reserved addresses are not; neither are those that carry such an address of IPv4 in one of IPv6.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = match address.octets() {
        // RFC 791, 1122, 6890: this network, loopback; RFC 1112: reserved, broadcast; RFC 5771: multicast.
        [0 | 127 | 224..=255, ..] => true,
        // RFC 1918: private.
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,
        // RFC 6598: shared by carriers; RFC 3927: link-local.
        [100, 64..=127, ..] | [169, 254, ..] => true,
        // RFC 6890, 5737, 7526: protocol assignments, documentation, relays; RFC 2544: benchmarks.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            true
        }
        _ => false,
    };
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    match address.segments() {
        // RFC 4380, 2928, 3849, 9637: Teredo and other assignments, documentation.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // RFC 3056: 6to4 carries an address of IPv4.
        [0x2002, ..] => false,
        // RFC 4291: what is assigned of global unicast.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

/// Resolves names to their public addresses alone. The connection is made to one of them, so that no second look-up can
/// give another.
#[derive(Clone, Debug, Default)]
pub(crate) struct PublicResolver;

impl Service<Name> for PublicResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "the name has no public address",
                ));
            }
            Ok(public.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        let check = |address: &str, expected: bool| {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        };
        for public in
            ["1.1.1.1", "93.184.216.34", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111"]
        {
            check(public, true);
        }
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.53",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
        ] {
            check(special, false);
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_resolves_to_nothing() {
        let name = "localhost".parse().unwrap();
        assert!(PublicResolver.call(name).await.is_err());
    }
}
