//! Which moves an order may make, and for whom: decisions alone.

use serde_json::json;
use shared::order::OrderStatus::{
    self, Cancelled, Confirmed, Fulfilled, PaymentFailed, Pending, Processing, Refunded, Rejected,
};
use shared::problem::{Code, Problem};

use crate::refusal::Refusal;

/// Who asks for a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whose order it is.
    Owner,
    /// An admin, whose order it may be.
    Admin,
}

/// What a permitted move does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Nothing: the order stands there.
    Stay,
    /// Gives the stock back and what was paid.
    Cancel,
    /// Tells that it was sent.
    Fulfil,
}

/// Why a move is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Others may ask for it.
    NotFor(Who),
    /// Nobody may ask for it from where the order stands.
    Illegal,
}

/// The moves that may be asked for. All others come by themselves: of a payment, of a refund.
const MOVES: &[(OrderStatus, OrderStatus, Move, &[Who])] = &[
    (
        Confirmed,
        Cancelled,
        Move::Cancel,
        &[Who::Owner, Who::Admin],
    ),
    (Confirmed, Fulfilled, Move::Fulfil, &[Who::Admin]),
];

/// Whether an order may move, and what that does.
pub fn may(from: OrderStatus, to: OrderStatus, who: Who) -> Result<Move, Refused> {
    let mut there = MOVES.iter().filter(|(_, end, ..)| *end == to).peekable();
    if there.peek().is_some() && there.all(|(.., whose)| !whose.contains(&who)) {
        return Err(Refused::NotFor(who));
    }
    if from == to {
        return Ok(Move::Stay);
    }
    MOVES
        .iter()
        .find(|(begin, end, _, whose)| (*begin, *end) == (from, to) && whose.contains(&who))
        .map(|(_, _, what, _)| *what)
        .ok_or(Refused::Illegal)
}

/// What deleting an order does besides hiding it; `None` if it can't be deleted now.
pub const fn on_delete(status: OrderStatus) -> Option<Move> {
    match status {
        Confirmed => Some(Move::Cancel),
        Cancelled | PaymentFailed | Rejected | Refunded => Some(Move::Stay),
        Pending | Processing | Fulfilled => None,
    }
}

/// Whether its address and note may change. Not while it is being paid: what the customer is told
/// of it then was written beforehand.
pub const fn is_editable(status: OrderStatus) -> bool {
    matches!(status, Confirmed)
}

/// The refusal of a move.
pub fn refusal(from: OrderStatus, to: OrderStatus, refused: Refused) -> Refusal {
    match refused {
        Refused::NotFor(_) => Refusal::Scope("admin"),
        Refused::Illegal => illegal(from, to.as_str(), &format!("move to `{}`", to.as_str())),
    }
}

/// 409: what was asked for can't be done to an order that stands there.
pub fn illegal(from: OrderStatus, requested: &str, what: &str) -> Refusal {
    let hint = match from {
        Pending | Processing => " Its payment is under way: repeat the request once it is settled.",
        _ => "",
    };
    Problem::new(
        Code::IllegalTransition,
        format!("The order is `{}`: it can't {what}.{hint}", from.as_str()),
    )
    .with("current", json!(from))
    .with("requested", json!(requested))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let illegal = Err(Refused::Illegal);
        for from in OrderStatus::ALL {
            for to in OrderStatus::ALL {
                let (owner, admin) = match (from, to) {
                    (Confirmed, Cancelled) => (Ok(Move::Cancel), Ok(Move::Cancel)),
                    (Confirmed, Fulfilled) => (Err(Refused::NotFor(Who::Owner)), Ok(Move::Fulfil)),
                    (Fulfilled, Fulfilled) => (Err(Refused::NotFor(Who::Owner)), Ok(Move::Stay)),
                    (_, Fulfilled) => (Err(Refused::NotFor(Who::Owner)), illegal),
                    (from, to) if from == to => (Ok(Move::Stay), Ok(Move::Stay)),
                    _ => (illegal, illegal),
                };
                assert_eq!(may(from, to, Who::Owner), owner, "{from:?} {to:?}");
                assert_eq!(may(from, to, Who::Admin), admin, "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn what_may_be_deleted_and_edited() {
        for (status, deleted, editable) in [
            (Pending, None, false),
            (Processing, None, false),
            (Confirmed, Some(Move::Cancel), true),
            (Fulfilled, None, false),
            (Refunded, Some(Move::Stay), false),
            (PaymentFailed, Some(Move::Stay), false),
            (Rejected, Some(Move::Stay), false),
            (Cancelled, Some(Move::Stay), false),
        ] {
            assert_eq!(on_delete(status), deleted, "{status:?}");
            assert_eq!(is_editable(status), editable, "{status:?}");
        }
    }

    #[test]
    fn refusals_name_where_it_stands_and_what_was_asked() {
        let problem = refusal(Fulfilled, Cancelled, Refused::Illegal).problem();
        assert_eq!(problem.code, Code::IllegalTransition);
        assert_eq!(problem.extra["current"], "fulfilled");
        assert_eq!(problem.extra["requested"], "cancelled");
        let problem = refusal(Confirmed, Fulfilled, Refused::NotFor(Who::Owner)).problem();
        assert_eq!(problem.code, Code::ScopeMissing);
    }
}
