//! Where a request comes from.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use ipnet::{IpNet, Ipv6Net};

/// The peer of the connection, as the runtime says; a chained call has none.
const PEER: HeaderName = HeaderName::from_static("spin-client-addr");
pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of the proxies that stand before this app and say truly for whom they speak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads networks such as `10.0.0.0/8` and single addresses, with commas or spaces between.
    ///
    /// # Errors
    /// The word that is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = text.split([',', ' ', '\n', '\t']).filter(|word| !word.is_empty());
        let network = |word: &str| {
            let address = || word.parse::<IpAddr>().map(IpNet::from).ok();
            word.parse::<IpNet>().ok().or_else(address).ok_or_else(|| word.to_owned())
        };
        words.map(network).collect::<Result<_, _>>().map(Self)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client, as far as it can be known.
    ///
    /// Each proxy adds to the right of `X-Forwarded-For` (or `Forwarded`, RFC 7239) from whom it got the request. What a proxy
    /// that is trusted has added is true; the first address from the right that is no trusted proxy is the client, and
    /// what stands further left is whatever he likes. If the two headers say different things, a proxy knows only one of them
    /// and let a client's own other one pass: then it is the proxy's address that counts.
    pub(crate) fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        // What a client sent under that name stands before what the runtime added.
        let peer = headers.get_all(PEER).iter().next_back()?.to_str().ok()?;
        let peer = peer.parse::<SocketAddr>().ok()?.ip().to_canonical();
        if peer.is_unspecified() {
            return None;
        }
        if !self.trusts(peer) {
            return Some(peer);
        }
        let plain = self.last_foreign(peer, &parts(headers, &FORWARDED_FOR), |part| Some(part.trim()));
        let standard = self.last_foreign(peer, &parts(headers, &header::FORWARDED), for_parameter);
        match (plain, standard) {
            (Some(plain), Some(standard)) if plain != standard => Some(peer),
            (plain, standard) => plain.or(standard).or(Some(peer)),
        }
    }

    /// The first address from the right that is no trusted proxy, else the leftmost. `None` without any entry.
    fn last_foreign(&self, peer: IpAddr, parts: &[&str], node: impl Fn(&str) -> Option<&str>) -> Option<IpAddr> {
        let mut last = peer;
        for part in parts.iter().rev() {
            // An entry that is no address hides what is behind it: the proxy that wrote it counts.
            let Some(address) = node(part).and_then(address) else { return Some(last) };
            if !self.trusts(address) {
                return Some(address);
            }
            last = address;
        }
        (!parts.is_empty()).then_some(last)
    }
}

/// The elements of a header that is a list, in one line or in several.
fn parts<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    // A line that is no text is one element that is no address.
    headers.get_all(name).iter().flat_map(|value| value.to_str().unwrap_or("unknown").split(',')).collect()
}

/// The parameter `for` of an element of `Forwarded`.
fn for_parameter(part: &str) -> Option<&str> {
    let value = part.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
    })?;
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// An address, perhaps with a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text).parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    bare().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// What is counted as one: an address of version 4, or a network of 64 bits, since whoever has one has all of its addresses.
pub(crate) fn counted(address: Option<IpAddr>) -> String {
    match address {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            Ipv6Net::new(address, 64).map_or(Ipv6Addr::UNSPECIFIED, |network| network.network()).to_string()
        }
    }
}

/// The address as the services behind are told.
pub(crate) fn told(address: Option<IpAddr>) -> Option<HeaderValue> {
    HeaderValue::from_str(&address?.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        Proxies::parse(trusted).unwrap().client(&map).map(|address| address.to_string())
    }

    const PEER: (&str, &str) = ("spin-client-addr", "10.0.0.1:5000");
    const TRUSTED: &str = "10.0.0.0/8, 2001:db8:1::/48 192.0.2.9";

    fn through(headers: &[(&str, &str)]) -> Option<String> {
        client(TRUSTED, &[&[PEER][..], headers].concat())
    }

    #[test]
    fn without_a_trusted_proxy_nothing_that_is_claimed_counts() {
        let claims =
            [("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=198.51.100.8"), ("x-real-ip", "198.51.100.9")];
        assert_eq!(client("", &[&[PEER][..], &claims[..]].concat()).as_deref(), Some("10.0.0.1"));
        assert_eq!(client("172.16.0.0/12", &[&[PEER][..], &claims[..]].concat()).as_deref(), Some("10.0.0.1"));
        assert_eq!(client("", &[("spin-client-addr", "[::ffff:198.51.100.1]:7")]).as_deref(), Some("198.51.100.1"));
        assert_eq!(client("", &[("spin-client-addr", "0.0.0.0:0")]), None);
        assert_eq!(client("", &claims), None);
    }

    #[test]
    fn a_forged_peer_stands_before_the_true_one() {
        assert_eq!(client("", &[("spin-client-addr", "1.1.1.1:1"), PEER]).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn the_first_from_the_right_that_is_no_proxy_is_the_client() {
        for (value, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            ("203.0.113.1, 198.51.100.7", "198.51.100.7"),
            ("203.0.113.1,198.51.100.7 , 10.1.1.1,192.0.2.9", "198.51.100.7"),
            ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
            ("198.51.100.7:4711", "198.51.100.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]:80, 2001:db8:1::2", "2001:db8::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("198.51.100.7, unknown, 10.2.2.2", "10.2.2.2"),
            ("198.51.100.7, garbage", "10.0.0.1"),
            ("198.51.100.7,", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(through(&[("x-forwarded-for", value)]).as_deref(), Some(expected), "{value}");
        }
        let lines = [("x-forwarded-for", "203.0.113.1"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(through(&lines).as_deref(), Some("198.51.100.7"));
        assert_eq!(through(&[]).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn the_standard_header_is_read_too() {
        for (value, expected) in [
            ("for=198.51.100.7", "198.51.100.7"),
            ("proto=https;For=\"198.51.100.7:80\";by=10.0.0.1", "198.51.100.7"),
            ("for=203.0.113.1, for=\"[2001:db8::7]:80\", for=10.3.3.3", "2001:db8::7"),
            ("for=198.51.100.7, for=_hidden", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ] {
            assert_eq!(through(&[("forwarded", value)]).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn of_two_headers_that_differ_neither_counts() {
        let both = |plain, standard| through(&[("x-forwarded-for", plain), ("forwarded", standard)]);
        assert_eq!(both("198.51.100.7", "for=198.51.100.7").as_deref(), Some("198.51.100.7"));
        assert_eq!(both("198.51.100.7", "for=203.0.113.9").as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn a_network_is_counted_as_one() {
        let counted = |text: &str| counted(Some(text.parse().unwrap()));
        assert_eq!(counted("198.51.100.7"), "198.51.100.7");
        assert_eq!(counted("2001:db8:0:1:a::7"), "2001:db8:0:1::");
        assert_eq!(counted("2001:db8:0:1:b::8"), counted("2001:db8:0:1::9"));
        assert_eq!(super::counted(None), "unknown");
    }

    #[test]
    fn what_is_no_network_is_told() {
        assert_eq!(Proxies::parse("10.0.0.0/8 example.org"), Err("example.org".to_owned()));
        assert_eq!(Proxies::parse("10.0.0.0/33"), Err("10.0.0.0/33".to_owned()));
        assert_eq!(Proxies::parse(" , "), Ok(Proxies::default()));
    }
}
