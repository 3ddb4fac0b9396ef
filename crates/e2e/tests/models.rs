//! Every reachable state of the protocol's two hardest parts: the whole holds, and each part that is left out breaks
//! exactly what it is there for.

use vinr_e2e::models::{Verdict, command_lease, explore, explore_some, lan_then_cloud};

#[expect(clippy::print_stdout, reason = "how many states there were is the figure that counts")]
fn holds(verdict: &Verdict) {
    assert!(verdict.broken.is_empty(), "{:#?}", verdict.broken);
    assert!(verdict.unreached.is_empty(), "never reached: {:?}", verdict.unreached);
    println!("{} states, every one of them visited", verdict.states);
    assert!(verdict.states > 500, "a model of {} states shows nothing", verdict.states);
}

mod one_sale_on_two_paths {
    use super::*;
    use lan_then_cloud::{APPROVED_IS_TRUE, DECLINED_IS_TRUE, ONE_CHARGE, Protocol};

    #[test]
    fn the_whole_protocol_holds() {
        holds(&explore(Protocol::WHOLE));
    }

    #[test]
    fn two_names_charge_twice() {
        assert!(explore(Protocol { one_name: false, ..Protocol::WHOLE }).breaks(ONE_CHARGE));
    }

    #[test]
    fn a_journal_that_forgets_lets_the_till_say_what_is_not_so() {
        // What a terminal that forgets can do has no end worth waiting for.
        let verdict = explore_some(Protocol { durable_journal: false, ..Protocol::WHOLE }, Some(400_000));
        assert!(verdict.breaks(DECLINED_IS_TRUE) && verdict.breaks(APPROVED_IS_TRUE), "{verdict:#?}");
    }

    #[test]
    fn no_row_at_all_charges_at_two_terminals() {
        let without = Protocol { row_guards_requests: false, row_guards_forwards: false, ..Protocol::WHOLE };
        assert!(explore(without).breaks(ONE_CHARGE));
    }

    #[test]
    fn a_row_that_forwards_pass_by_charges_twice() {
        let without = Protocol { row_guards_forwards: false, ..Protocol::WHOLE };
        assert!(explore(without).breaks(ONE_CHARGE));
    }

    #[test]
    fn a_till_that_listens_to_both_says_what_is_not_so() {
        let verdict = explore(Protocol { till_keeps_to_cloud: false, ..Protocol::WHOLE });
        assert!(verdict.breaks(DECLINED_IS_TRUE) && verdict.breaks(APPROVED_IS_TRUE), "{verdict:#?}");
        assert!(!verdict.breaks(ONE_CHARGE), "{verdict:#?}");
    }

    #[test]
    fn a_till_that_forgets_where_it_has_turned_says_what_is_not_so() {
        let verdict = explore(Protocol { till_remembers: false, ..Protocol::WHOLE });
        assert!(verdict.breaks(DECLINED_IS_TRUE) && verdict.breaks(APPROVED_IS_TRUE), "{verdict:#?}");
        assert!(!verdict.breaks(ONE_CHARGE), "{verdict:#?}");
    }

    #[test]
    fn a_request_of_an_older_link_that_comes_after_the_question_for_it_charges_what_was_declined() {
        let verdict = explore(Protocol { newest_link_wins: false, ..Protocol::WHOLE });
        assert!(verdict.breaks(DECLINED_IS_TRUE), "{verdict:#?}");
        assert!(!verdict.breaks(ONE_CHARGE), "{verdict:#?}");
    }
}

mod a_command_that_is_called_off {
    use super::*;
    use command_lease::{CALLED_OFF_IS_UNAPPROVED, CALLED_OFF_IS_UNCHARGED, ONE_CHARGE, Protocol};

    #[test]
    fn fence_lease_and_margin_hold() {
        holds(&explore(Protocol::WHOLE));
    }

    #[test]
    fn a_terminal_that_approves_nothing_commanded_alone_holds_as_it_is_built() {
        let verdict = explore(Protocol::AS_BUILT);
        assert!(verdict.broken.is_empty(), "{:#?}", verdict.broken);
        let without =
            Protocol { lease: false, margin: false, durable_tombstone: false, ..Protocol::AS_BUILT };
        assert!(explore(without).broken.is_empty(), "the screen and the money hold by the fence alone");
    }

    #[test]
    fn a_tombstone_that_power_takes_lets_an_old_command_approve() {
        let verdict = explore(Protocol { durable_tombstone: false, ..Protocol::WHOLE });
        assert!(verdict.breaks(CALLED_OFF_IS_UNAPPROVED), "{verdict:#?}");
        assert!(!verdict.breaks(ONE_CHARGE), "{verdict:#?}");
    }

    #[test]
    fn a_fence_alone_keeps_the_money_and_not_the_screen() {
        let verdict = explore(Protocol { lease: false, margin: false, ..Protocol::WHOLE });
        assert!(verdict.breaks(CALLED_OFF_IS_UNAPPROVED), "{verdict:#?}");
        assert!(!verdict.breaks(ONE_CHARGE) && !verdict.breaks(CALLED_OFF_IS_UNCHARGED), "{verdict:#?}");
    }

    #[test]
    fn without_the_fence_what_is_under_way_is_charged() {
        let verdict = explore(Protocol { fence: false, ..Protocol::WHOLE });
        assert!(verdict.breaks(ONE_CHARGE) && verdict.breaks(CALLED_OFF_IS_UNCHARGED), "{verdict:#?}");
    }

    #[test]
    fn without_the_margin_one_tick_of_skew_breaks_it() {
        assert!(explore(Protocol { margin: false, ..Protocol::WHOLE }).breaks(CALLED_OFF_IS_UNAPPROVED));
    }
}
