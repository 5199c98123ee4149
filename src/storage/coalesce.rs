//! Concurrent calls gathered into one statement.
//!
//! A call that comes while others of its kind are under way waits for them, and whatever has gathered meanwhile goes
//! out as one statement: what a statement costs by itself is shared, and under load the database sees fewer and larger
//! ones. A call that comes alone goes out at once; one that comes in a crowd lets those go first that are about to call,
//! or a database that answers fast would see many small statements again. Nothing above knows.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;
use tracing::Instrument as _;

/// A statement under way; it gives an answer for each of its calls.
pub(super) type Running<A> = Pin<Box<dyn Future<Output = Vec<A>> + Send>>;

/// Answers calls, one answer a call, in order.
type Run<C, A> = Box<dyn Fn(Vec<C>) -> Running<A> + Send + Sync>;

/// How calls are gathered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gathering {
    /// So many statements may be under way at a time.
    pub(super) lanes: usize,
    /// At most so many calls make one statement; with one nothing is gathered.
    pub(super) most: usize,
}

/// Gathers calls of one kind.
pub(super) struct Coalescer<C, A> {
    shared: Arc<Shared<C, A>>,
}

struct Shared<C, A> {
    run: Run<C, A>,
    gathering: Gathering,
    queue: Mutex<Queue<C, A>>,
}

/// The calls that wait, with where their answers go.
struct Queue<C, A> {
    waiting: VecDeque<(C, oneshot::Sender<A>)>,
    lanes_in_use: usize,
    /// Whether the last statement was of several calls.
    is_crowded: bool,
}

impl<C: Send + 'static, A: Send + 'static> Coalescer<C, A> {
    /// Answers calls by `run`.
    pub(super) fn new(gathering: Gathering, run: Run<C, A>) -> Self {
        let queue = Mutex::new(Queue {
            waiting: VecDeque::new(),
            lanes_in_use: 0,
            is_crowded: false,
        });
        Self {
            shared: Arc::new(Shared {
                run,
                gathering,
                queue,
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
            for (to, answer) in answers.into_iter().zip((self.shared.run)(calls).await) {
                // The caller may have stopped waiting.
                let _ = to.send(answer);
            }
        }
    }

    /// Lets those call first that are about to, for as long as more come.
    async fn wait_for_the_crowd(&self) {
        let waiting = || {
            let queue = self.shared.queue();
            queue.is_crowded.then_some(queue.waiting.len())
        };
        let mut before = waiting();
        while let Some(calls) = before.filter(|calls| *calls < self.shared.gathering.most) {
            tokio::task::yield_now().await;
            before = waiting().filter(|now| *now > calls);
        }
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
        queue.is_crowded = most > 1;
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

    const ONE_LANE: Gathering = Gathering { lanes: 1, most: 3 };

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

    #[tokio::test]
    async fn in_a_crowd_whoever_is_about_to_call_shares_the_statement() {
        let coalescer = sizes(ONE_LANE, &Arc::new(Semaphore::new(100)));
        let one = async || coalescer.call(0).await.unwrap();
        let late = async || {
            tokio::task::yield_now().await;
            one().await
        };
        assert_eq!(tokio::join!(one(), late()), (1, 1));
        assert_eq!(tokio::join!(one(), one()), (2, 2));
        assert_eq!(tokio::join!(one(), late()), (2, 2));
        assert_eq!(one().await, 1);
        assert_eq!(tokio::join!(one(), late()), (1, 1));
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
