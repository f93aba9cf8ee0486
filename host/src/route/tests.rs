use http::{HeaderMap, Uri};

use super::*;

fn public(pattern: &str) -> Route {
    Route::Public(Pattern::parse(pattern).unwrap())
}

fn index(routes: &[&str], path: &str) -> Option<usize> {
    let routes: Vec<_> = routes.iter().map(|route| public(route)).collect();
    Router::new(&routes).route(path).and_then(|found| found.index())
}

#[test]
fn exact_comes_before_parameters_before_wildcards() {
    let routes = ["/...", "/a/...", "/a/:id", "/a/b", "/a/b/..."];
    assert_eq!(index(&routes, "/"), Some(0));
    assert_eq!(index(&routes, "/other/path"), Some(0));
    assert_eq!(index(&routes, "/a"), Some(1));
    assert_eq!(index(&routes, "/a/x"), Some(2));
    assert_eq!(index(&routes, "/a/b"), Some(3));
    assert_eq!(index(&routes, "/a/b/c"), Some(4));
    assert_eq!(index(&routes, "/a/x/y"), Some(1));
}

#[test]
fn the_longest_wildcard_wins_whatever_the_order() {
    for routes in [["/a/...", "/a/b/...", "/a/b/c/..."], ["/a/b/c/...", "/a/b/...", "/a/..."]] {
        let found = index(&routes, "/a/b/c/d").unwrap();
        assert_eq!(routes[found], "/a/b/c/...");
    }
}

#[test]
fn slashes_at_the_end_do_not_count() {
    assert_eq!(index(&["/a"], "/a/"), Some(0));
    assert_eq!(index(&["/a/"], "/a"), Some(0));
    assert_eq!(index(&["/"], "/"), Some(0));
    assert_eq!(index(&["/"], "/a"), None);
    assert_eq!(index(&["/a"], "/ab"), None);
    assert_eq!(index(&["/a"], "/A"), None);
    assert_eq!(index(&["/a/:id"], "/a"), None);
}

#[test]
fn a_private_route_matches_nothing_but_keeps_its_place() {
    let routes = [Route::Private, public("/...")];
    assert_eq!(Router::new(&routes).route("/").unwrap().index(), Some(1));
    assert!(Router::new(&routes[..1]).route("/").is_none());
}

#[test]
fn the_path_info_keeps_the_slashes_that_came() {
    let routes = [public("/test/...")];
    let router = Router::new(&routes);
    for (path, info) in [("/test", ""), ("/test/", "/"), ("/test/a", "/a"), ("/test/a/b/", "/a/b/")] {
        assert_eq!(router.route(path).unwrap().path_info(), info, "{path}");
    }
}

#[test]
fn patterns_that_mean_nothing_are_refused() {
    use PatternError::*;
    for (pattern, error) in [
        ("/a b", NotAPath),
        ("/ä", NotAPath),
        ("/a?b", NotAPath),
        ("/.../a", MisplacedWildcard),
        ("/a*", MisplacedWildcard),
        ("/a/*/b", MisplacedWildcard),
        ("/a...", MisplacedWildcard),
        ("/:a/:a", BadParameter("a".into())),
        ("/:", BadParameter(String::new())),
        ("/:a:b", BadParameter("a:b".into())),
        ("/.well-known/spin/x", Reserved),
    ] {
        assert_eq!(Pattern::parse(pattern).unwrap_err(), error, "{pattern}");
    }
}

#[test]
fn patterns_that_match_the_same_paths_have_the_same_key() {
    let key = |pattern| Pattern::parse(pattern).unwrap().key();
    assert_eq!(key("/a/:x/..."), key("a/:y/*"));
    assert_eq!(key("/a/"), key("/a"));
    assert_ne!(key("/a/..."), key("/a"));
}

#[test]
fn a_route_gives_spins_headers_and_drops_forged_ones() {
    let routes = [public("/u/:user_id/...")];
    let router = Router::new(&routes);
    let uri: Uri = "/u/7%20/x/?q=1".parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("host", "example.test:3000".parse().unwrap());
    headers.append("spin-path-info", "/forged".parse().unwrap());
    headers.append("spin-path-match-role", "admin".parse().unwrap());
    headers.append("spin-path-match-role", "root".parse().unwrap());
    headers.append("spin-client-addr", "1.1.1.1:1".parse().unwrap());
    let client = client_value("127.0.0.1:8777".parse().unwrap());
    router.route(uri.path()).unwrap().set_headers(&mut headers, "http", &uri, client);
    let all = |name: &str| headers.get_all(name).iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(all("spin-full-url"), ["http://example.test:3000/u/7%20/x/?q=1"]);
    assert_eq!(all("spin-path-info"), ["/x/"]);
    assert_eq!(all("spin-matched-route"), ["/u/:user_id/..."]);
    assert_eq!(all("spin-base-path"), ["/"]);
    assert_eq!(all("spin-raw-component-route"), ["/u/:user_id/..."]);
    assert_eq!(all("spin-component-route"), ["/u/:user_id"]);
    assert_eq!(all("spin-client-addr"), ["127.0.0.1:8777"]);
    assert_eq!(all("spin-path-match-user-id"), ["7%20"]);
    assert!(all("spin-path-match-role").is_empty());
}

#[test]
fn a_chained_call_looks_like_a_wildcard_over_everything() {
    let uri: Uri = "http://auth.spin.internal/_events/1?x=y".parse().unwrap();
    let mut headers = HeaderMap::new();
    let found = RouteMatch::synthetic(uri.path());
    assert_eq!(found.index(), None);
    found.set_headers(&mut headers, "http", &uri, CHAINED_CLIENT);
    assert_eq!(headers["spin-full-url"], "http://auth.spin.internal/_events/1?x=y");
    assert_eq!(headers["spin-path-info"], "/_events/1");
    assert_eq!(headers["spin-matched-route"], "/...");
    assert_eq!(headers["spin-component-route"], "");
    assert_eq!(headers["spin-client-addr"], "0.0.0.0:0");
}
