//! What an examination finds, layer by layer, and how it is said. Examines nothing.

use serde_json::{Value, json};

/// What stands between this machine and the other, from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The host's name has an address.
    Name,
    /// Packets get there.
    Route,
    /// Something listens.
    Port,
    /// It speaks TLS, and a version that is good enough.
    Tls,
    /// Its certificate comes from an authority that is trusted.
    Chain,
    /// The certificate is that of who is meant.
    San,
    /// The certificate is in force.
    Expiry,
    /// The certificate of this side has not been revoked.
    Revocation,
    /// The certificate or key of this side is accepted.
    Key,
    /// The two clocks agree.
    Clock,
    /// What is asked for is switched on.
    Mode,
    /// Both sides speak the same version.
    Version,
}

impl Layer {
    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Route => "route",
            Self::Port => "port",
            Self::Tls => "tls",
            Self::Chain => "chain",
            Self::San => "san",
            Self::Expiry => "expiry",
            Self::Revocation => "revocation",
            Self::Key => "key",
            Self::Clock => "clock",
            Self::Mode => "mode",
            Self::Version => "version",
        }
    }
}

/// How a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Fine(String),
    /// It works, and somebody should look.
    Odd { cause: String, cure: String },
    /// It does not work.
    Broken { cause: String, cure: String },
    /// It could not be looked at, and why.
    Unseen(String),
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which layer.
    pub layer: Layer,
    /// How it is.
    pub verdict: Verdict,
}

/// The whole report.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// The layer is as it should be.
    pub fn fine(&mut self, layer: Layer, detail: impl Into<String>) {
        self.findings.push(Finding { layer, verdict: Verdict::Fine(detail.into()) });
    }

    /// The layer works, and somebody should look.
    pub fn odd(&mut self, layer: Layer, cause: impl Into<String>, cure: impl Into<String>) {
        let verdict = Verdict::Odd { cause: cause.into(), cure: cure.into() };
        self.findings.push(Finding { layer, verdict });
    }

    /// The layer does not work.
    pub fn broken(&mut self, layer: Layer, cause: impl Into<String>, cure: impl Into<String>) {
        let verdict = Verdict::Broken { cause: cause.into(), cure: cure.into() };
        self.findings.push(Finding { layer, verdict });
    }

    /// The layer could not be looked at.
    pub fn unseen(&mut self, layer: Layer, why: impl Into<String>) {
        self.findings.push(Finding { layer, verdict: Verdict::Unseen(why.into()) });
    }

    /// Whether every layer that could be looked at works.
    pub fn works(&self) -> bool {
        !self.findings.iter().any(|finding| matches!(finding.verdict, Verdict::Broken { .. }))
    }

    /// The first layer that does not work.
    pub fn failing(&self) -> Option<&'static str> {
        let broken = self.findings.iter().find(|finding| matches!(finding.verdict, Verdict::Broken { .. }));
        broken.map(|finding| finding.layer.as_str())
    }

    /// For people: a line a layer, and under what is wrong its cause and its cure.
    pub fn words(&self, target: &str) -> String {
        let mut words = format!("{target}\n");
        for Finding { layer, verdict } in &self.findings {
            let (mark, detail) = match verdict {
                Verdict::Fine(detail) => ("ok  ", detail.clone()),
                Verdict::Unseen(why) => ("-   ", why.clone()),
                Verdict::Odd { cause, cure } => ("look", format!("{cause}\n                   {cure}")),
                Verdict::Broken { cause, cure } => ("FAIL", format!("{cause}\n                   {cure}")),
            };
            words.push_str(&format!("  {mark}  {:<10} {detail}\n", layer.as_str()));
        }
        words.push_str(&match self.failing() {
            None => "  Everything that could be looked at works.".to_owned(),
            Some(layer) => format!("  The failing layer is: {layer}."),
        });
        words
    }

    /// For scripts.
    pub fn json(&self, target: &str) -> Value {
        let findings = self.findings.iter().map(|Finding { layer, verdict }| {
            let layer = layer.as_str();
            match verdict {
                Verdict::Fine(detail) => json!({"layer": layer, "status": "ok", "detail": detail}),
                Verdict::Unseen(why) => json!({"layer": layer, "status": "unseen", "detail": why}),
                Verdict::Odd { cause, cure } => {
                    json!({"layer": layer, "status": "look", "cause": cause, "cure": cure})
                }
                Verdict::Broken { cause, cure } => {
                    json!({"layer": layer, "status": "failed", "cause": cause, "cure": cure})
                }
            }
        });
        json!({
            "target": target,
            "works": self.works(),
            "failing": self.failing(),
            "layers": findings.collect::<Vec<_>>(),
        })
    }
}
