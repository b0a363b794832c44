//! Any sequence of requests, changes and failures, beside what RFC 9111 allows: each answer from the
//! store is held against the response that it once was.

use proptest::prelude::*;

use super::*;
use crate::cache::reuse::UNREACHABLE_SECONDS_MAX;
use crate::config::tests::plain;

/// What a response says of itself.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a directive or a field of its own"
)]
struct Policy {
    max_age: u64,
    while_revalidate: Option<u64>,
    if_error: Option<u64>,
    public: bool,
    private: bool,
    no_store: bool,
    must_revalidate: bool,
    cookie: bool,
    vary: bool,
    /// Whether its length is announced.
    announced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Good,
    Failing,
    Lost,
}

#[derive(Debug, Clone)]
enum Step {
    Get {
        url: u8,
        foo: Option<u8>,
        authorized: bool,
        policy: Policy,
        fate: Fate,
    },
    /// A change of a URL.
    Change(u8),
    /// So many milliseconds pass.
    Wait(u64),
    /// What was put off is done; until then, answers that are not stored yet meet what follows.
    Settle,
    /// The store forgets everything.
    Forget,
}

/// A response, found by its body, which is its place.
#[derive(Debug, Clone)]
struct Made {
    url: u8,
    foo: Option<u8>,
    authorized: bool,
    at_ms: u64,
    policy: Policy,
}

fn policies() -> impl Strategy<Value = Policy> {
    let window = || proptest::option::of(0_u64..15);
    let rarely = || proptest::bool::weighted(0.2);
    (
        (0_u64..15, window(), window()),
        (any::<bool>(), rarely(), rarely(), rarely(), rarely()),
        (any::<bool>(), any::<bool>()),
    )
        .prop_map(|(times, says, form)| Policy {
            max_age: times.0,
            while_revalidate: times.1,
            if_error: times.2,
            public: says.0,
            private: says.1,
            no_store: says.2,
            must_revalidate: says.3,
            cookie: says.4,
            vary: form.0,
            announced: form.1,
        })
}

fn steps() -> impl Strategy<Value = Step> {
    let foo = proptest::option::of(0_u8..2);
    let fates = prop_oneof![6 => Just(Fate::Good), 1 => Just(Fate::Failing), 1 => Just(Fate::Lost)];
    let authorized = proptest::bool::weighted(0.2);
    let get = (0_u8..2, foo, authorized, policies(), fates).prop_map(
        |(url, foo, authorized, policy, fate)| Step::Get {
            url,
            foo,
            authorized,
            policy,
            fate,
        },
    );
    prop_oneof![
        12 => get,
        2 => (0_u8..2).prop_map(Step::Change),
        4 => (1_u64..12_000).prop_map(Step::Wait),
        6 => Just(Step::Settle),
        1 => Just(Step::Forget),
    ]
}

impl Policy {
    fn answer(&self, body: &str) -> Response<Bytes> {
        let mut says = vec![format!("max-age={}", self.max_age)];
        for (name, said) in [
            ("public", self.public),
            ("private", self.private),
            ("no-store", self.no_store),
            ("must-revalidate", self.must_revalidate),
        ] {
            says.extend(said.then(|| name.to_owned()));
        }
        for (name, window) in [
            ("stale-while-revalidate", self.while_revalidate),
            ("stale-if-error", self.if_error),
        ] {
            says.extend(window.map(|seconds| format!("{name}={seconds}")));
        }
        let mut answer = Response::builder().header("cache-control", says.join(", "));
        for (name, value, there) in [
            ("set-cookie", "a=b", self.cookie),
            ("vary", "Foo", self.vary),
            ("content-length", &body.len().to_string(), self.announced),
        ] {
            if there {
                answer = answer.header(name, value);
            }
        }
        answer.body(Bytes::from(body.to_owned())).unwrap()
    }

    /// For how many seconds it may answer, where the origin was not asked or did not answer well.
    fn seconds(&self, asked: Option<Fate>) -> u64 {
        let failed = match asked {
            None | Some(Fate::Good) => 0,
            Some(Fate::Failing) => self.if_error.unwrap_or(0),
            Some(Fate::Lost) => self.if_error.unwrap_or(UNREACHABLE_SECONDS_MAX),
        };
        let stale = self.while_revalidate.unwrap_or(0).max(failed);
        self.max_age + if self.must_revalidate { 0 } else { stale }
    }
}

/// The shop, and what its origin made.
struct World {
    shop: Shop,
    made: Rc<RefCell<Vec<Made>>>,
    /// What the origin says next.
    next: Rc<RefCell<Option<(Policy, Fate)>>>,
    /// How many responses had been made when each URL was last changed.
    changed: [usize; 2],
}

fn world() -> World {
    let made: Rc<RefCell<Vec<Made>>> = Rc::default();
    let next: Rc<RefCell<Option<(Policy, Fate)>>> = Rc::default();
    let clock: Rc<RefCell<Option<Memory>>> = Rc::default();
    let mut gateway = plain();
    for policy in gateway
        .routes
        .iter_mut()
        .filter_map(|route| route.cache.as_mut())
    {
        policy.set_cookie = false;
    }
    let (log, says, now) = (Rc::clone(&made), Rc::clone(&next), Rc::clone(&clock));
    let shop = start_before(gateway, move |request| {
        use crate::platform::Clock;
        if request.method() != "GET" {
            return Response::builder().status(204).body(Bytes::new()).unwrap();
        }
        let (policy, fate) = says.borrow().clone().unwrap();
        if fate == Fate::Failing {
            return Response::builder().status(503).body(Bytes::new()).unwrap();
        }
        let field = |name: &str| request.headers().get(name)?.to_str().ok();
        let place = log.borrow().len().to_string();
        log.borrow_mut().push(Made {
            url: request.uri().path()[1..].parse().unwrap(),
            foo: field("foo").map(|text| text.parse().unwrap()),
            authorized: field("authorization").is_some(),
            at_ms: now.borrow().as_ref().unwrap().now_ms(),
            policy: policy.clone(),
        });
        policy.answer(&place)
    });
    *clock.borrow_mut() = Some(shop.memory.clone());
    World {
        shop,
        made,
        next,
        changed: [0; 2],
    }
}

impl World {
    async fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        use crate::platform::Clock;
        let memory = self.shop.memory.clone();
        match step {
            Step::Wait(ms) => memory.advance_ms(*ms),
            Step::Settle => memory.run_deferred().await,
            Step::Forget => {
                // What is under way would be stored by a store that forgot what made it untrue.
                memory.run_deferred().await;
                memory.evict_copies();
            }
            Step::Change(url) => {
                let answer = self.shop.send(Request::put(format!("/{url}")), "").await;
                prop_assert_eq!(answer.status, 204);
                self.changed[usize::from(*url)] = self.made.borrow().len();
            }
            Step::Get {
                url,
                foo,
                authorized,
                policy,
                fate,
            } => {
                *self.next.borrow_mut() = Some((policy.clone(), *fate));
                self.shop
                    .fetches(&[(*fate == Fate::Lost).then_some(Lost::Request)]);
                let before = self.made.borrow().len();
                let asked_before = self.shop.seen.borrow().len();
                let mut request = Request::get(format!("/{url}"));
                if let Some(foo) = foo {
                    request = request.header("foo", foo.to_string());
                }
                if *authorized {
                    request = request.header("authorization", "Basic x");
                }
                let answer = self.shop.send(request, "").await;
                let was_asked = self.shop.seen.borrow().len() > asked_before || *fate == Fate::Lost;
                // What is fetched behind an answer comes when all is well.
                self.shop.fetches(&[]);
                if let Some((_, fate)) = self.next.borrow_mut().as_mut() {
                    *fate = Fate::Good;
                }
                if answer.status != 200 {
                    prop_assert!(*fate != Fate::Good, "{}", answer.status);
                    return Ok(());
                }
                let place: usize = String::from_utf8(answer.body).unwrap().parse().unwrap();
                if place < before {
                    let asked = was_asked.then_some(*fate);
                    self.hold(place, (*url, *foo), asked, memory.now_ms())?;
                }
            }
        }
        Ok(())
    }

    /// What answers from the store may, and may now.
    fn hold(
        &self,
        place: usize,
        (url, foo): (u8, Option<u8>),
        asked: Option<Fate>,
        now_ms: u64,
    ) -> Result<(), TestCaseError> {
        let made = &self.made.borrow()[place];
        let says = &made.policy;
        prop_assert!(!says.private && !says.no_store, "somebody's: {:?}", made);
        prop_assert!(!says.cookie, "with a cookie: {:?}", made);
        let leave = says.public || says.must_revalidate;
        prop_assert!(!made.authorized || leave, "authorized: {:?}", made);
        prop_assert_eq!(made.url, url);
        prop_assert!(!says.vary || made.foo == foo, "a variant: {:?}", made);
        let changed = self.changed[usize::from(url)];
        prop_assert!(place >= changed, "changed since: {:?}", made);
        let age = (now_ms - made.at_ms) / 1000;
        prop_assert!(age < says.seconds(asked), "{} s old: {:?}", age, made);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_happens_a_copy_answers_where_it_may(
        steps in proptest::collection::vec(steps(), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut world = world();
        runtime.block_on(async {
            for step in &steps {
                world.take(step).await?;
            }
            Ok::<_, TestCaseError>(())
        })?;
    }
}
