//! How fast the API's routes answer, read from the figures that the process keeps for Prometheus.

use std::collections::BTreeMap;

use crate::dashboard::words::Words;

/// The figures of one method of one route.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Speed {
    pub(super) requests: u64,
    /// Answers that were the server's fault: 500 and above.
    pub(super) errors: u64,
    /// Upper bound in seconds and how many were at most that long.
    buckets: Vec<(f64, u64)>,
}

/// A row of the page.
pub(super) struct Route {
    pub(super) name: String,
    pub(super) requests: String,
    pub(super) errors: String,
    pub(super) failing: bool,
    pub(super) quantiles: Vec<String>,
}

/// Which share of the answers was at least this fast.
pub(super) const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

impl Speed {
    /// The duration in seconds that this share of the answers did not exceed, as far as the buckets tell; `None` without
    /// any.
    fn quantile(&self, share: f64) -> Option<f64> {
        let all = self.buckets.last()?.1;
        if all == 0 {
            return None;
        }
        // Exact up to 2^53 answers.
        let wanted = share * all as f64;
        let (mut below, mut before) = (0.0, 0);
        for (bound, count) in &self.buckets {
            if *count as f64 >= wanted {
                if bound.is_infinite() {
                    return Some(below);
                }
                let within = (*count - before).max(1) as f64;
                return Some(below + (bound - below) * ((wanted - before as f64) / within).clamp(0.0, 1.0));
            }
            (below, before) = (*bound, *count);
        }
        Some(below)
    }
}

/// Every route with an answer, by route and method.
pub(super) fn read(text: &str) -> BTreeMap<(String, String), Speed> {
    let mut all = BTreeMap::<(String, String), Speed>::new();
    for line in text.lines() {
        let Some((name, rest)) = line.split_once('{') else { continue };
        let Some((labels, value)) = rest.rsplit_once("} ") else { continue };
        let labels: BTreeMap<&str, &str> = labels
            .split("\",")
            .filter_map(|pair| pair.split_once("=\""))
            .map(|(name, value)| (name, value.trim_end_matches('"')))
            .collect();
        let (Some(route), Some(method)) = (labels.get("route"), labels.get("method")) else { continue };
        let speed = all.entry(((*route).to_owned(), (*method).to_owned())).or_default();
        let count = value.trim().parse::<u64>().unwrap_or(0);
        match name {
            "vinr_http_requests_total" => {
                speed.requests += count;
                if labels.get("status").is_some_and(|status| status.starts_with('5')) {
                    speed.errors += count;
                }
            }
            "vinr_http_request_duration_seconds_bucket" => {
                let bound = labels.get("le").and_then(|bound| bound.parse().ok()).unwrap_or(f64::INFINITY);
                speed.buckets.push((bound, count));
            }
            _ => {}
        }
    }
    all.retain(|_, speed| speed.requests > 0);
    all
}

/// The routes, the slowest first, by what nineteen of twenty answers did not exceed.
pub(super) fn routes(text: &str, words: &Words) -> Vec<Route> {
    let mut all: Vec<_> = read(text).into_iter().collect();
    all.sort_by(|(_, one), (_, other)| {
        other.quantile(0.95).unwrap_or(0.0).total_cmp(&one.quantile(0.95).unwrap_or(0.0))
    });
    all.into_iter()
        .map(|((route, method), speed)| Route {
            name: format!("{method} {route}"),
            requests: words.whole(speed.requests),
            errors: words.whole(speed.errors),
            failing: speed.errors > 0,
            quantiles: QUANTILES
                .iter()
                .map(|share| speed.quantile(*share).map_or("–".to_owned(), |seconds| told(words, seconds)))
                .collect(),
        })
        .collect()
}

/// `1.25 ms`, in as many digits as mean something.
#[expect(clippy::cast_possible_truncation, reason = "a duration of the API's")]
pub(super) fn told(words: &Words, seconds: f64) -> String {
    let micros = (seconds * 1e6).round() as i64;
    match micros {
        0..100_000 => format!("{}\u{a0}ms", words.figure(micros / 10, 2)),
        _ => format!("{}\u{a0}ms", words.figure(micros / 1_000, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# TYPE vinr_http_requests_total counter\n\
        vinr_http_requests_total{route=\"/v1/terminals/{id}\",method=\"GET\",status=\"200\"} 90\n\
        vinr_http_requests_total{route=\"/v1/terminals/{id}\",method=\"GET\",status=\"503\"} 10\n\
        vinr_http_request_duration_seconds_bucket{route=\"/v1/terminals/{id}\",method=\"GET\",le=\"0.001\"} 50\n\
        vinr_http_request_duration_seconds_bucket{route=\"/v1/terminals/{id}\",method=\"GET\",le=\"0.01\"} 100\n\
        vinr_http_request_duration_seconds_bucket{route=\"/v1/terminals/{id}\",method=\"GET\",le=\"+Inf\"} 100\n\
        vinr_http_requests_total{route=\"/healthz\",method=\"GET\",status=\"200\"} 0\n\
        vinr_terminals{status=\"online\"} 3\n";

    #[test]
    fn routes_are_read_from_the_figures_of_the_process() {
        let all = read(TEXT);
        assert_eq!(all.len(), 1, "only those that answered");
        let speed = &all[&("/v1/terminals/{id}".to_owned(), "GET".to_owned())];
        assert_eq!((speed.requests, speed.errors), (100, 10));
        assert!((speed.quantile(0.5).unwrap() - 0.001).abs() < 1e-9);
        assert!((speed.quantile(0.95).unwrap() - 0.0091).abs() < 1e-9);
        assert_eq!(Speed::default().quantile(0.5), None);
        let beyond = Speed { buckets: vec![(0.5, 0), (f64::INFINITY, 4)], ..Speed::default() };
        assert_eq!(beyond.quantile(0.99), Some(0.5));
    }
}
