//! Holds the running futures of nodes and receives their signals.

use std::collections::{HashMap, HashSet};

use futures::future::{AbortHandle, Abortable};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};

use crate::graph::NodeId;
use crate::step::{BoxFuture, Signal};

/// A signal of a node.
type Sent = (NodeId, Signal);

/// The running futures, at most one for each node; each returns a `T` unless it is aborted.
pub(super) struct Futures<T> {
    running: FuturesUnordered<BoxFuture<'static, (NodeId, Option<T>)>>,
    handles: HashMap<NodeId, AbortHandle>,
    /// The nodes whose futures wait before they resend a request.
    waiting: HashSet<NodeId>,
    /// The nodes whose futures wait for their places to continue.
    continuing: HashMap<NodeId, oneshot::Sender<()>>,
    sender: mpsc::UnboundedSender<Sent>,
    signals: mpsc::UnboundedReceiver<Sent>,
}

/// A message from the running futures.
pub(super) enum Message<T> {
    /// A node sends a signal.
    Signal(NodeId, Signal),
    /// A future has ended, after these signals; without output if it was aborted.
    Ended(Vec<(NodeId, Signal)>, NodeId, Option<T>),
}

impl<T: Send + 'static> Futures<T> {
    /// Returns a set without futures.
    pub fn new() -> Self {
        let (sender, signals) = mpsc::unbounded_channel();
        Self {
            running: FuturesUnordered::new(),
            handles: HashMap::new(),
            waiting: HashSet::new(),
            continuing: HashMap::new(),
            sender,
            signals,
        }
    }

    /// Returns true if no future runs.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Starts a future of a node.
    pub fn launch(&mut self, id: NodeId, future: impl Future<Output = T> + Send + 'static) {
        let (handle, registration) = AbortHandle::new_pair();
        self.handles.insert(id, handle);
        self.waiting.remove(&id);
        let future = Abortable::new(future, registration);
        self.running.push(Box::pin(async move { (id, future.await.ok()) }));
    }

    /// Returns a function that receives the signals of a node.
    pub fn sender(&self, id: NodeId) -> impl Fn(Signal) + Send + Sync + 'static {
        let sender = self.sender.clone();
        // The receiver lives as long as the run; signals after its end are dropped.
        move |signal| drop(sender.send((id, signal)))
    }

    /// Returns the next message; waits forever if no future runs.
    pub async fn next(&mut self) -> Message<T> {
        tokio::select! {
            biased;
            Some((id, signal)) = self.signals.recv() => Message::Signal(id, signal),
            Some((id, output)) = self.running.next() => {
                // Signals that a step sent before it ended must precede its end.
                let signals = std::iter::from_fn(|| self.signals.try_recv().ok()).collect();
                Message::Ended(signals, id, output)
            }
        }
    }

    /// Records whether the future of a node waits before it resends a request.
    pub fn waits(&mut self, id: NodeId, waits: bool) {
        if waits {
            self.waiting.insert(id);
        } else {
            self.waiting.remove(&id);
        }
    }

    /// Returns true if the future of a node waits before it resends a request.
    pub fn is_waiting(&self, id: NodeId) -> bool {
        self.waiting.contains(&id)
    }

    /// Aborts the future of a node, if it runs.
    pub fn abort(&self, id: NodeId) {
        if let Some(handle) = self.handles.get(&id) {
            handle.abort();
        }
    }

    /// Aborts the futures of the nodes for which `is_meant` returns true.
    pub fn abort_all(&self, is_meant: impl Fn(NodeId) -> bool) {
        self.handles.iter().filter(|(id, _)| is_meant(**id)).for_each(|(_, handle)| handle.abort());
    }

    /// Records that the future of a node waits for its places to continue.
    pub fn wants_to_continue(&mut self, id: NodeId, free: oneshot::Sender<()>) {
        self.continuing.insert(id, free);
    }

    /// Lets the future of a node continue; returns false if it does not wait for that.
    pub fn continues(&mut self, id: NodeId) -> bool {
        // The receiver is gone if the future was aborted; its end follows.
        self.continuing.remove(&id).map(|free| free.send(())).is_some()
    }

    /// Forgets a node, whose future has ended.
    pub fn forget(&mut self, id: NodeId) {
        self.continuing.remove(&id);
        self.handles.remove(&id);
    }
}
