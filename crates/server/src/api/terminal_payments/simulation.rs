//! `?simulateCard=` and `?simulateDelay=` on the create URL (contract 2.8): what a simulated customer does.

use serde::Deserialize;
use utoipa::IntoParams;
use vinr_wire::link::Simulation;
use vinr_wire::rest::body::FieldError;

use super::super::error::Fault;
use super::super::test_terminals::deck;
use crate::access::Principal;

const CARD: &str = "simulateCard";
const DELAY: &str = "simulateDelay";
/// The longest a simulated customer takes, in seconds.
const MAX_DELAY_S: u32 = 120;

/// The query of a create.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct CreateQuery {
    /// Test mode only. The test card that the simulated customer presents: its number, its name, or `none` for
    /// nobody.
    #[param(required = false, nullable = false, schema_with = deck::card_or_nobody_schema)]
    simulate_card: Option<String>,
    /// Test mode only. How long the simulated customer takes, in whole seconds.
    #[param(minimum = 0, maximum = 120, nullable = false, example = 2)]
    simulate_delay: Option<i64>,
}

impl CreateQuery {
    /// What the simulated customer does; `None` when nothing was said.
    pub(in crate::api) fn simulation(self, who: &Principal) -> Result<Option<Simulation>, Fault> {
        let parameter = match (&self.simulate_card, self.simulate_delay) {
            (None, None) => return Ok(None),
            (Some(_), _) => CARD,
            (None, Some(_)) => DELAY,
        };
        if who.scope.livemode {
            return Err(Fault::TestOnlyParameter(parameter));
        }
        let card = match self.simulate_card.as_deref() {
            Some(deck::NOBODY) => Some(deck::NOBODY.to_owned()),
            Some(text) => Some(deck::name_of(CARD, text)?.to_owned()),
            None => None,
        };
        Ok(Some(Simulation { card, delay_ms: self.simulate_delay.map(delay_ms).transpose()? }))
    }
}

fn delay_ms(seconds: i64) -> Result<u32, FieldError> {
    let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds <= MAX_DELAY_S);
    let seconds = seconds.ok_or_else(|| FieldError::invalid(DELAY, "must be 0 to 120 whole seconds"))?;
    Ok(seconds * 1000)
}
