//! Small models of the protocol whose every reachable state is visited: what holds here holds for every order of
//! messages, losses and power failures that the model knows. They share no code with what they model.

pub mod command_lease;
pub mod lan_then_cloud;

use std::fmt::Debug;
use std::hash::Hash;

use stateright::{Checker, Expectation, Model};

/// What visiting every state has shown.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// How many different states there are.
    pub states: usize,
    /// Properties that do not hold everywhere, each with the shortest way to where it breaks.
    pub broken: Vec<(&'static str, String)>,
    /// Situations that the model is meant to reach and does not: a model that does nothing breaks nothing.
    pub unreached: Vec<&'static str>,
}

impl Verdict {
    /// Whether the property of this name breaks somewhere.
    #[must_use]
    pub fn breaks(&self, property: &str) -> bool {
        self.broken.iter().any(|(name, _)| *name == property)
    }
}

/// Visits every state of the model.
pub fn explore<M>(model: M) -> Verdict
where
    M: Model + Send + Sync + 'static,
    M::State: Hash + Debug + Clone + PartialEq + Send + Sync,
    M::Action: Debug + Clone + PartialEq + Send + Sync,
{
    explore_some(model, None)
}

/// Visits the states that are nearest to the beginning, about `most` of them: enough to see something break, and never
/// enough to see that nothing does.
pub fn explore_some<M>(model: M, most: Option<usize>) -> Verdict
where
    M: Model + Send + Sync + 'static,
    M::State: Hash + Debug + Clone + PartialEq + Send + Sync,
    M::Action: Debug + Clone + PartialEq + Send + Sync,
{
    let properties = model.properties();
    let checker = model.checker();
    let checker = match most {
        Some(most) => checker.target_state_count(most),
        None => checker,
    };
    let checked = checker.spawn_bfs().join();
    let mut verdict =
        Verdict { states: checked.unique_state_count(), broken: Vec::new(), unreached: Vec::new() };
    for property in &properties {
        match (&property.expectation, checked.discovery(property.name)) {
            (Expectation::Sometimes, None) => verdict.unreached.push(property.name),
            (Expectation::Always | Expectation::Eventually, Some(path)) => {
                let way: Vec<String> = path.into_actions().iter().map(|act| format!("{act:?}")).collect();
                verdict.broken.push((property.name, way.join(" → ")));
            }
            (Expectation::Sometimes, Some(_)) | (Expectation::Always | Expectation::Eventually, None) => {}
        }
    }
    verdict
}
