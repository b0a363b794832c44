//! Runs steps, watches each answer, and lets clients finish.

use std::collections::VecDeque;

use edge::platform::memory::{Faults, Lost};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::invariants;
use crate::model::{CUSTOMERS, Fate, Intent, PRODUCTS, Step};
use crate::world::{Answer, Template, World, customer, product};

/// Tries of a client that retries until its answer is final.
const RETRIES: usize = 8;
/// How far the client's clock goes between two of them: past every lease.
const RETRY_PAUSE_MS: u64 = 40_000;
/// Beyond every reservation.
const RESERVATION_MS: u64 = 1_801_000;
/// Beyond the time that charges under way are given to end.
const GRACE_MS: u64 = 61_000;
/// Requests of a flood: more than a bucket holds.
const FLOOD: usize = 1_100;
/// For how long an origin that failed is out.
const OUT_MS: u64 = 1_000;
/// How often the relay works in the end, each time after its longest pause.
const LAST_WORKS: usize = 3;
/// Longest pause before an event is tried again.
const WORK_PAUSE_MS: u64 = 600_000;

/// What one customer's bucket admitted, in tokens.
#[derive(Default, Clone)]
pub(crate) struct Admitted {
    pub(crate) tokens: u64,
}

/// What was seen of one intent.
pub(crate) struct Seen {
    pub(crate) intent: Intent,
    /// What its customer expects to pay, in cents.
    total: i64,
    /// The first final answer.
    pub(crate) answer: Option<Answer>,
}

/// All that was seen.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) seen: Vec<Seen>,
    pub(crate) admitted: Vec<Admitted>,
    operations: usize,
}

impl Record {
    /// Where the intent of that key stands, if it was sent.
    fn place_of(&self, key: usize) -> Option<usize> {
        self.seen.iter().position(|seen| seen.intent.key == key)
    }
}

/// Runs the steps in a seed's world; the number of operations, or what broke.
pub(crate) async fn run(template: &Template, seed: u64, steps: &[Step]) -> Result<usize, String> {
    let world = World::start(template, seed).await;
    let mut record = Record {
        admitted: vec![Admitted::default(); CUSTOMERS],
        ..Record::default()
    };
    let outcome = all(&world, &mut record, steps).await;
    world.end().await;
    outcome.map(|()| record.operations)
}

async fn all(world: &World, record: &mut Record, steps: &[Step]) -> Result<(), String> {
    for (place, step) in steps.iter().enumerate() {
        Box::pin(take(world, record, step))
            .await
            .map_err(|fault| format!("step {place}, {step:?}: {fault}"))?;
        invariants::limits(world, record)?;
    }
    finish(world, record).await?;
    for _ in 0..LAST_WORKS {
        world.drain().await;
        world.advance_ms(WORK_PAUSE_MS);
    }
    for place in 0..PRODUCTS {
        for elsewhere in [false, true] {
            read(world, record, place, elsewhere).await?;
        }
    }
    invariants::all(world, record).await
}

async fn take(world: &World, record: &mut Record, step: &Step) -> Result<(), String> {
    match step {
        Step::Order(intent, fate) => {
            let mut total = 0;
            for (place, quantity) in &intent.lines {
                total += world.price(*place).await * i64::from(*quantity);
            }
            record.seen.push(Seen {
                intent: intent.clone(),
                total,
                answer: None,
            });
            post(world, record, record.seen.len() - 1, *fate).await
        }
        Step::Repeat(key, _) | Step::RepeatOther(key) | Step::Pair(key) | Step::Cancel(key, _) => {
            match record.place_of(*key) {
                Some(place) => again(world, record, step, place).await,
                None => Ok(()),
            }
        }
        Step::Reprice(place, price, fate) => reprice(world, *place, *price, *fate).await,
        Step::Read(place, elsewhere) => read(world, record, *place, *elsewhere).await,
        Step::Flood(customer) => flood(world, record, *customer).await,
        Step::RestartObjects => {
            world.memory.restart_callers();
            Ok(())
        }
        Step::LoseObjects => {
            world.memory.lose_answers();
            Ok(())
        }
        Step::EvictCopies => {
            world.evict_copies();
            Ok(())
        }
        Step::LoseFeed => {
            world.memory.lose_feed();
            Ok(())
        }
        Step::Deploy(revision) => {
            world.deploy(*revision);
            Ok(())
        }
        Step::RestartOrigin => {
            world.restart_origin();
            Ok(())
        }
        Step::Advance(ms) => {
            world.advance_ms(*ms);
            Ok(())
        }
        Step::Work(crash) => {
            world.crash_at(*crash);
            world.drain().await;
            world.crash_at(None);
            Ok(())
        }
        Step::Overdue => {
            world.advance_ms(RESERVATION_MS);
            world.drain().await;
            world.advance_ms(GRACE_MS);
            world.drain().await;
            Ok(())
        }
    }
}

/// A step about an intent that was sent before.
async fn again(
    world: &World,
    record: &mut Record,
    step: &Step,
    place: usize,
) -> Result<(), String> {
    match step {
        Step::Repeat(_, fate) => post(world, record, place, *fate).await,
        Step::RepeatOther(_) => other(world, record, place).await,
        Step::Cancel(_, fate) => cancel(world, record, place, *fate).await,
        _ => pair(world, record, place).await,
    }
}

/// Makes the next request fare as its fate says.
fn meet(world: &World, fate: Fate) {
    let lost = match fate {
        Fate::Whole | Fate::CrashBeforeStore => None,
        Fate::RequestLost => Some(Lost::Request),
        Fate::IsolateDiesLeading => Some(Lost::IsolateBefore),
        Fate::ReplyLost => Some(Lost::Reply),
        Fate::IsolateDies => Some(Lost::Isolate),
        // What a dying process may still have answered never arrives.
        Fate::OriginDies(point) => {
            world.crash_at(Some(point));
            Some(Lost::Reply)
        }
    };
    world.memory.set_faults(Faults {
        fetches: lost.map_or_else(VecDeque::new, |lost| VecDeque::from([Some(lost)])),
        ..Faults::default()
    });
}

/// What the world does after an answer.
async fn settle(world: &World, fate: Fate) {
    world.memory.set_faults(Faults::default());
    world.crash_at(None);
    match fate {
        Fate::CrashBeforeStore => world.memory.drop_deferred(),
        Fate::OriginDies(_) => {
            world.restart_origin();
            world.memory.run_deferred().await;
        }
        _ => world.memory.run_deferred().await,
    }
}

/// Sends an intent, with a fate, and checks its answer against all earlier ones.
async fn post(world: &World, record: &mut Record, place: usize, fate: Fate) -> Result<(), String> {
    meet(world, fate);
    let answer = order(world, record, place, "").await;
    settle(world, fate).await;
    watch(record, place, answer)
}

/// The key of an intent with another body: refused whenever the first one is known.
async fn other(world: &World, record: &mut Record, place: usize) -> Result<(), String> {
    if record.seen[place].answer.is_none() {
        return Ok(());
    }
    let answer = order(world, record, place, "another note").await;
    settle(world, Fate::Whole).await;
    expect(
        answer.as_ref(),
        &[
            StatusCode::UNPROCESSABLE_ENTITY,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ],
    )
}

/// Two copies at once; without the callers' answers, so that they meet in the origin.
async fn pair(world: &World, record: &mut Record, place: usize) -> Result<(), String> {
    let seen = &record.seen[place];
    let customer = seen.intent.customer;
    world.memory.set_faults(Faults {
        answers_down: true,
        ..Faults::default()
    });
    let (one, two) = futures_util::join!(
        world.send(customer, request(&seen.intent), body(seen, "")),
        world.send(customer, request(&seen.intent), body(seen, "")),
    );
    settle(world, Fate::Whole).await;
    for answer in [one, two] {
        count(record, customer, answer.as_ref(), 5);
        watch(record, place, answer)?;
    }
    Ok(())
}

/// Its customer calls an order off, as far as it knows of one.
async fn cancel(
    world: &World,
    record: &mut Record,
    place: usize,
    fate: Fate,
) -> Result<(), String> {
    let seen = &record.seen[place];
    let Some(first) = seen.answer.as_ref().filter(|answer| answer.status == 201) else {
        return Ok(());
    };
    let created: Value = serde_json::from_slice(&first.body).map_err(|e| e.to_string())?;
    let id = created["id"].as_str().unwrap_or_default();
    let request = Request::put(format!("https://shop.example/v2/orders/{id}/status"))
        .header("content-type", "application/json");
    let customer = seen.intent.customer;
    meet(world, fate);
    let cancelled = json!({"status": "cancelled"}).to_string();
    let answer = send(world, record, customer, request, cancelled, 5).await;
    settle(world, fate).await;
    let Some(answer) = answer else {
        return Ok(());
    };
    if answer.status == StatusCode::OK {
        let order: Value = serde_json::from_slice(&answer.body).map_err(|e| e.to_string())?;
        if order["status"] != "cancelled" {
            return Err(format!("200 for an order that is not cancelled: {order}"));
        }
        return Ok(());
    }
    expect(
        Some(&answer),
        &[
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::BAD_GATEWAY,
            StatusCode::SERVICE_UNAVAILABLE,
        ],
    )
}

/// The admin sets another price, whatever stood there.
async fn reprice(world: &World, place: usize, price: i64, fate: Fate) -> Result<(), String> {
    let request = Request::patch(format!(
        "https://shop.example/v2/products/{}",
        product(place)
    ))
    .header("content-type", "application/merge-patch+json")
    .header("if-match", "*");
    meet(world, fate);
    let patch = json!({"price": {"amount": price, "currency": "USD"}}).to_string();
    let answer = world.send_as_admin(request, patch).await;
    settle(world, fate).await;
    match &answer {
        None => Ok(()),
        answer => expect(
            answer.as_ref(),
            &[
                StatusCode::OK,
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::BAD_GATEWAY,
                StatusCode::SERVICE_UNAVAILABLE,
            ],
        ),
    }
}

/// A read is never older than what its location was told of two seconds ago.
async fn read(
    world: &World,
    record: &mut Record,
    place: usize,
    elsewhere: bool,
) -> Result<(), String> {
    let least = world.settled_version(place);
    let answer = world.read(place, elsewhere).await;
    record.operations += 1;
    if matches!(
        answer.status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        return Ok(());
    }
    expect(Some(&answer), &[StatusCode::OK])?;
    let product: Value = serde_json::from_slice(&answer.body).map_err(|e| e.to_string())?;
    if product["version"].as_i64().unwrap_or_default() < least {
        let how = answer.field("cache-status");
        return Err(format!("older than version {least} ({how}): {product}"));
    }
    Ok(())
}

async fn flood(world: &World, record: &mut Record, customer: usize) -> Result<(), String> {
    let before = record.operations;
    for _ in 0..FLOOD {
        let request = Request::get("https://shop.example/v2/products?limit=1");
        let answer = send(world, record, customer, request, String::new(), 1).await;
        settle(world, Fate::Whole).await;
        let status = answer.as_ref().map(|answer| answer.status);
        if status == Some(StatusCode::SERVICE_UNAVAILABLE) {
            // Five failures in a row before it put the origin out for a second.
            world.advance_ms(OUT_MS);
            continue;
        }
        expect(
            answer.as_ref(),
            &[StatusCode::OK, StatusCode::TOO_MANY_REQUESTS],
        )?;
        if answer.is_some_and(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS) {
            // One operation, however many requests it took.
            record.operations = before + 1;
            return Ok(());
        }
    }
    Err("the bucket never emptied".into())
}

/// Each client repeats until its answer is final, as the documents tell it to.
async fn finish(world: &World, record: &mut Record) -> Result<(), String> {
    for place in 0..record.seen.len() {
        for _ in 0..RETRIES {
            if record.seen[place].answer.is_some() {
                break;
            }
            world.advance_ms(RETRY_PAUSE_MS);
            post(world, record, place, Fate::Whole).await?;
        }
    }
    Ok(())
}

async fn order(world: &World, record: &mut Record, place: usize, note: &str) -> Option<Answer> {
    let seen = &record.seen[place];
    let (customer, request, body) = (
        seen.intent.customer,
        request(&seen.intent),
        body(seen, note),
    );
    send(world, record, customer, request, body, 5).await
}

fn request(intent: &Intent) -> http::request::Builder {
    let version = if intent.old { "v1" } else { "v2" };
    Request::post(format!("https://shop.example/{version}/orders"))
        .header("content-type", "application/json")
        .header(
            "idempotency-key",
            format!("{}-{}", customer(intent.customer), intent.key),
        )
}

fn body(seen: &Seen, note: &str) -> String {
    let items: Vec<Value> = seen
        .intent
        .lines
        .iter()
        .map(|(place, quantity)| json!({"product_id": product(*place), "quantity": quantity}))
        .collect();
    let mut body = json!({
        "items": items,
        "payment_method": seen.intent.method,
        "expected_total": {"amount": seen.total, "currency": "USD"},
        "shipping_address": {"name": "Ada", "line1": "1 Main St", "city": "Bern",
            "postal_code": "3000", "country": "CH"},
        "note": note,
    });
    if seen.intent.old {
        let (whole, cents) = (seen.total / 100, seen.total % 100);
        body["expected_total"] = format!("{whole}.{cents:02}").into();
        body["currency"] = "USD".into();
    }
    body.to_string()
}

async fn send(
    world: &World,
    record: &mut Record,
    customer: usize,
    request: http::request::Builder,
    body: String,
    cost: u64,
) -> Option<Answer> {
    let answer = world.send(customer, request, body).await;
    count(record, customer, answer.as_ref(), cost);
    answer
}

fn count(record: &mut Record, customer: usize, answer: Option<&Answer>, cost: u64) {
    record.operations += 1;
    if answer.is_none_or(|answer| answer.status != StatusCode::TOO_MANY_REQUESTS) {
        record.admitted[customer].tokens += cost;
    }
}

fn expect(answer: Option<&Answer>, statuses: &[StatusCode]) -> Result<(), String> {
    let Some(answer) = answer else {
        return Err(format!("no answer instead of {statuses:?}"));
    };
    if statuses.contains(&answer.status) {
        return Ok(());
    }
    Err(format!(
        "{} instead of {statuses:?}: {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    ))
}

/// A final answer equals every other final answer of its key; anything else says that it is not
/// final, with what became of the work.
fn watch(record: &mut Record, place: usize, answer: Option<Answer>) -> Result<(), String> {
    let Some(answer) = answer else {
        return Ok(());
    };
    let code = answer.field("error-code").to_owned();
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    // Paid after its stock was given back and sold: it goes back, for good.
    let is_sold_out = code == "out_of_stock" && problem["outcome"] == "applied";
    let is_final = is_sold_out || matches!(answer.status.as_u16(), 201 | 402);
    let refused = !is_final && matches!(code.as_str(), "out_of_stock" | "price_changed");
    let passing = matches!(
        (answer.status.as_u16(), code.as_str()),
        (409, "idempotency_in_progress" | "operation_uncertain")
            | (429, "rate_limited")
            | (502, "origin_unreachable")
            // After five lost in a row nothing is sent until a check has passed.
            | (503, "unavailable")
    ) || answer.status == 409 && refused;
    if !is_final && !passing {
        return expect(Some(&answer), &[]);
    }
    if passing && answer.status != 429 && problem["outcome"].is_null() {
        return Err(format!("a failed keyed call without outcome: {problem}"));
    }
    let seen = &mut record.seen[place];
    match &seen.answer {
        Some(first) if is_final && first.body != answer.body => Err(format!(
            "two answers of one key: {:?} and {:?}",
            first.body, answer.body
        )),
        Some(_) if refused => {
            Err("a key that was answered is refused as if it were new".to_owned())
        }
        Some(_) => Ok(()),
        None => {
            if is_final {
                seen.answer = Some(answer);
            }
            Ok(())
        }
    }
}
