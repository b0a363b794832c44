//! The provider's book against ours: each way to differ is told with a suggestion, and what nobody
//! ordered is paid back when that is asked for.

use std::collections::HashMap;

use origin::payment::{Charge, PaymentGateway};
use origin::reconcile::{self, Kind, Report, SETTLING, Span};
use serde_json::json;
use shared::money::{Currency, Money};

use crate::harness::{BEGIN_MS, Shop, order};
use crate::provider::Fault;

impl Shop {
    pub(crate) async fn reconcile(&self, refund: bool) -> Report {
        let span = Span {
            since: chrono::DateTime::from_timestamp_millis(BEGIN_MS - 1).unwrap(),
            now: self.app.shop.platform.now(),
            refund,
        };
        reconcile::run(&self.app.shop.pool, &*self.provider, span)
            .await
            .unwrap()
    }

    /// A charge that no order is behind.
    async fn charge(&self, reference: &str) {
        let charge = Charge {
            provider_key: reference,
            reference,
            method: "pm_card_visa",
            amount: Money {
                amount: 700,
                currency: Currency::USD,
            },
        };
        self.provider.charge(&charge).await.unwrap();
    }

    async fn alter(&self, sql: &'static str) {
        let done = sqlx::query(sql).execute(&self.app.shop.pool).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{sql}");
    }
}

#[tokio::test]
async fn each_difference_is_told_once_and_what_nobody_ordered_goes_back() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = |method: &str, note: &str| {
        let mut new = order(&[(&products[0], 1)], method);
        new["note"] = json!(note);
        new
    };
    for note in [
        "fine",
        "given up",
        "unpaid",
        "missing",
        "other amount",
        "paid back",
    ] {
        assert_eq!(
            shop.order(note, &new("pm_card_visa", note)).await.status,
            201
        );
    }
    assert_eq!(
        shop.order("declined", &new("declines", "declined"))
            .await
            .status,
        402
    );
    shop.provider.breaks([Fault::ReplyLost, Fault::LookUpLost]);
    let unheard = shop.order("unheard", &new("pm_card_visa", "unheard")).await;
    assert_eq!(unheard.code(), "operation_uncertain");
    shop.charge("unordered").await;
    // What is younger is under way.
    assert_eq!(shop.reconcile(true).await, Report::default());

    shop.clock.advance_ms(SETTLING.num_milliseconds() + 1_000);
    for sql in [
        "update payments set status = 'declined'
         where order_id = (select id from orders where note = 'given up')",
        "update payments set reference = 'elsewhere'
         where order_id = (select id from orders where note = 'missing')",
        "update payments set amount = amount - 1
         where order_id = (select id from orders where note = 'other amount')",
        "update payments set status = 'refunded'
         where order_id = (select id from orders where note = 'paid back')",
        "update payments set status = 'succeeded'
         where order_id = (select id from orders where note = 'declined')",
    ] {
        shop.alter(sql).await;
    }
    let report = shop.reconcile(false).await;
    assert_eq!((report.charges, report.payments), (9, 8), "{report:?}");
    let mut kinds: HashMap<Kind, usize> = HashMap::new();
    for difference in &report.differences {
        assert!(!difference.suggestion.is_empty());
        assert!(!difference.is_paid_back);
        *kinds.entry(difference.kind).or_default() += 1;
    }
    // The one that is missing under its name is unordered under the other.
    let expected = [
        (Kind::Unordered, 2),
        (Kind::GivenUp, 1),
        (Kind::Unheard, 1),
        (Kind::Unpaid, 1),
        (Kind::Missing, 1),
        (Kind::Amount, 1),
        (Kind::PaidBack, 1),
    ];
    assert_eq!(kinds, HashMap::from(expected), "{report:?}");
    assert_eq!(shop.count("select count(*) from stray_charges").await, 0);

    let kept = shop.reconcile(true).await.differences;
    let kept = kept.iter().filter(|found| found.is_paid_back).count();
    assert_eq!(kept, 3);
    shop.clock.advance_ms(61_000);
    assert_eq!(shop.app.strays.step().await.unwrap(), 3);
    assert!(
        shop.provider
            .refunds()
            .contains(&("unordered".to_owned(), 700)),
        "{:?}",
        shop.provider.refunds()
    );
    let left = shop.reconcile(true).await.differences;
    assert!(
        left.iter().all(|found| !found.kind.is_nobodys()),
        "{left:?}"
    );
    assert_eq!(left.len(), 5);
}
