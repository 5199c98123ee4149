//! Concurrent calls gathered into one statement.
//!
//! A call that comes while others of its kind are under way waits for them, and whatever has gathered meanwhile goes
//! out as one statement: what a statement costs by itself is shared, and under load the database sees fewer and larger
//! ones. A call that comes alone goes out at once. One that comes in a crowd may wait for the others of it: of those who
//! were answered together the first call again while the last are not yet answered, and would go out in a small
//! statement, with all others behind them. Nothing above knows.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};
use tracing::Instrument as _;

/// A statement under way; it gives an answer for each of its calls.
pub(super) type Running<A> = Pin<Box<dyn Future<Output = Vec<A>> + Send>>;

/// Answers calls, one answer a call, in order.
type Run<C, A> = Box<dyn Fn(Vec<C>) -> Running<A> + Send + Sync>;

/// So many calls in one statement are a crowd.
const CROWD: usize = 4;

/// The longest that a call waits for the others of its crowd.
const PATIENCE: Duration = Duration::from_millis(1);

/// The longest that a statement may take. A connection on which nothing comes any more would hold its lane for ever.
const LONGEST: Duration = Duration::from_secs(10);

/// How calls are gathered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gathering {
    /// So many statements may be under way at a time.
    pub(super) lanes: usize,
    /// At most so many calls make one statement; with one nothing is gathered.
    pub(super) most: usize,
    /// Whether the calls of a crowd wait for each other.
    pub(super) waits: bool,
}

/// Gathers calls of one kind.
pub(super) struct Coalescer<C, A> {
    shared: Arc<Shared<C, A>>,
}

struct Shared<C, A> {
    run: Run<C, A>,
    gathering: Gathering,
    queue: Mutex<Queue<C, A>>,
    /// Told when as many calls wait as are expected.
    gathered: Notify,
}

/// The calls that wait, with where their answers go.
struct Queue<C, A> {
    waiting: VecDeque<(C, oneshot::Sender<A>)>,
    lanes_in_use: usize,
    /// How many calls the last statement had.
    crowd: usize,
    /// So many calls are waited for; none if nobody waits.
    expected: Option<usize>,
}

impl<C: Send + 'static, A: Send + 'static> Coalescer<C, A> {
    /// Answers calls by `run`.
    pub(super) fn new(gathering: Gathering, run: Run<C, A>) -> Self {
        let queue = Mutex::new(Queue {
            waiting: VecDeque::new(),
            lanes_in_use: 0,
            crowd: 0,
            expected: None,
        });
        Self {
            shared: Arc::new(Shared {
                run,
                gathering,
                queue,
                gathered: Notify::new(),
            }),
        }
    }

    /// The answer to a call; none if what was to answer it has died. A caller that stops waiting takes its call back
    /// if it has not gone out; if it has, the statement goes on, which is others' too.
    pub(super) async fn call(&self, call: C) -> Option<A> {
        if self.shared.gathering.most == 1 {
            return (self.shared.run)(vec![call]).await.pop();
        }
        let (answer, answered) = oneshot::channel();
        let lane = {
            let mut queue = self.shared.queue();
            queue.waiting.push_back((call, answer));
            if queue
                .expected
                .is_some_and(|calls| calls <= queue.waiting.len())
            {
                queue.expected = None;
                self.shared.gathered.notify_one();
            }
            let is_free = queue.lanes_in_use < self.shared.gathering.lanes;
            is_free.then(|| Lane::open(&self.shared, &mut queue))
        };
        if let Some(lane) = lane {
            // Its statements are told in the log of the call that opened it.
            tokio::spawn(lane.serve().in_current_span());
        }
        answered.await.ok()
    }
}

impl<C, A> Shared<C, A> {
    fn queue(&self) -> MutexGuard<'_, Queue<C, A>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends statements out, one after the other, while calls wait.
struct Lane<C, A> {
    shared: Arc<Shared<C, A>>,
    is_open: bool,
}

impl<C, A> Lane<C, A> {
    fn open(shared: &Arc<Shared<C, A>>, queue: &mut Queue<C, A>) -> Self {
        queue.lanes_in_use += 1;
        Self {
            shared: Arc::clone(shared),
            is_open: true,
        }
    }

    async fn serve(mut self) {
        loop {
            self.wait_for_the_crowd().await;
            let Some((calls, answers)) = self.next() else {
                return;
            };
            // Whoever waits for a statement that takes too long is told that there is no answer.
            let given = timeout(LONGEST, (self.shared.run)(calls)).await;
            for (to, answer) in answers.into_iter().zip(given.unwrap_or_default()) {
                // The caller may have stopped waiting.
                let _ = to.send(answer);
            }
        }
    }

    /// Lets those call first who are about to: most of the crowd of the last statement. Few are left out of the next
    /// then, and nobody waits for the slowest.
    async fn wait_for_the_crowd(&self) {
        {
            let mut queue = self.shared.queue();
            let expected = queue.crowd * 4 / 5;
            let is_crowd = self.shared.gathering.waits && queue.crowd >= CROWD;
            if !is_crowd || queue.waiting.len() >= expected {
                return;
            }
            queue.expected = Some(expected);
        }
        // If they do not come, it was a crowd no more.
        let _ = timeout(PATIENCE, self.shared.gathered.notified()).await;
        self.shared.queue().expected = None;
    }

    /// The calls of the next statement. If there is none the lane is closed before anybody can add one.
    fn next(&mut self) -> Option<(Vec<C>, Vec<oneshot::Sender<A>>)> {
        let mut queue = self.shared.queue();
        // Whoever has stopped waiting does not want it any more.
        queue.waiting.retain(|(_, answer)| !answer.is_closed());
        if queue.waiting.is_empty() {
            queue.lanes_in_use -= 1;
            self.is_open = false;
            return None;
        }
        let most = self.shared.gathering.most.min(queue.waiting.len());
        queue.crowd = most;
        Some(queue.waiting.drain(..most).unzip())
    }
}

impl<C, A> Drop for Lane<C, A> {
    /// A lane that did not close by itself has died.
    fn drop(&mut self) {
        if self.is_open {
            self.shared.queue().lanes_in_use -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    /// Answers with how many calls the statement had, once it may.
    fn sizes(gathering: Gathering, gate: &Arc<Semaphore>) -> Arc<Coalescer<u32, usize>> {
        let gate = Arc::clone(gate);
        let run = move |calls: Vec<u32>| -> Running<usize> {
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                gate.acquire().await.unwrap().forget();
                assert!(!calls.contains(&13), "this one kills the lane");
                vec![calls.len(); calls.len()]
            })
        };
        Arc::new(Coalescer::new(gathering, Box::new(run)))
    }

    /// Makes a call, and lets it go as far as it can.
    async fn start(
        coalescer: &Arc<Coalescer<u32, usize>>,
        call: u32,
    ) -> tokio::task::JoinHandle<Option<usize>> {
        let coalescer = Arc::clone(coalescer);
        let started = tokio::spawn(async move { coalescer.call(call).await });
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        started
    }

    const ONE_LANE: Gathering = Gathering {
        lanes: 1,
        most: 3,
        waits: false,
    };

    #[tokio::test]
    async fn calls_that_come_while_one_is_under_way_share_the_next_statement() {
        let gate = Arc::new(Semaphore::new(0));
        let coalescer = sizes(ONE_LANE, &gate);
        let mut calls = Vec::new();
        for call in 0..5 {
            calls.push(start(&coalescer, call).await);
        }
        gate.add_permits(3);
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.unwrap().unwrap());
        }
        assert_eq!(answers, [1, 3, 3, 3, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn in_a_crowd_most_of_it_is_waited_for_and_for_a_moment() {
        let gathering = Gathering {
            lanes: 1,
            most: 10,
            waits: true,
        };
        let coalescer = sizes(gathering, &Arc::new(Semaphore::new(100)));
        let call_after = async |micros| {
            let _ = timeout(Duration::from_micros(micros), std::future::pending::<()>()).await;
            coalescer.call(0).await.unwrap()
        };
        let crowd = async |after: [u64; 5]| join_all(after.map(&call_after)).await;
        assert_eq!(crowd([0; 5]).await, [5; 5]);
        // Four of five are waited for, and the fifth is left behind.
        assert_eq!(crowd([0, 0, 0, 900, 5_000]).await, [4, 4, 4, 4, 1]);
        assert_eq!(crowd([0; 5]).await, [5; 5]);
        // None of the others comes in time.
        assert_eq!(
            crowd([0, 5_000, 5_000, 5_000, 5_000]).await,
            [1, 4, 4, 4, 4]
        );
        assert_eq!(
            crowd([0, 5_000, 10_000, 10_000, 10_000]).await,
            [1, 1, 3, 3, 3]
        );
        // Three are no crowd.
        assert_eq!(crowd([0, 900, 900, 5_000, 5_000]).await, [1, 2, 2, 2, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_statement_that_never_ends_does_not_hold_its_lane() {
        let gate = Arc::new(Semaphore::new(0));
        let coalescer = sizes(ONE_LANE, &gate);
        assert_eq!(coalescer.call(0).await, None);
        gate.add_permits(1);
        assert_eq!(coalescer.call(0).await, Some(1));
    }

    #[tokio::test]
    async fn a_caller_that_stops_waiting_takes_its_call_back_and_nobody_with_it() {
        let gate = Arc::new(Semaphore::new(0));
        let coalescer = sizes(ONE_LANE, &gate);
        let first = start(&coalescer, 0).await;
        let second = start(&coalescer, 1).await;
        let third = start(&coalescer, 2).await;
        first.abort();
        third.abort();
        gate.add_permits(2);
        assert_eq!(second.await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn a_lane_that_dies_leaves_its_place_to_another() {
        let gate = Arc::new(Semaphore::new(2));
        let coalescer = sizes(ONE_LANE, &gate);
        assert_eq!(coalescer.call(13).await, None);
        assert_eq!(coalescer.call(1).await, Some(1));
    }
}
