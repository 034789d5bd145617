//! Lists over one store of nodes: each node is on the list of all, and on at most one other.
//!
//! A node leaves any list in constant time, wherever it stands there, and its place is used again.

/// No node.
const NONE: usize = usize::MAX;

/// Where a node is.
pub(crate) type Id = usize;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// All nodes, in the order in which they came.
    All,
    /// Droppable messages.
    Droppable,
    /// Messages that a newer one has made superfluous.
    Superseded,
    /// The newest message of each key.
    Latest,
}

impl List {
    const COUNT: usize = 4;

    /// Which pair of links of a node it uses.
    const fn links(self) -> usize {
        match self {
            Self::All => 0,
            Self::Droppable | Self::Superseded | Self::Latest => 1,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Links {
    before: Id,
    after: Id,
}

const UNLINKED: Links = Links { before: NONE, after: NONE };

#[derive(Debug)]
struct Node<T> {
    links: [Links; 2],
    side: Option<List>,
    value: Option<T>,
}

/// The nodes and their lists.
#[derive(Debug)]
pub(crate) struct Chain<T> {
    nodes: Vec<Node<T>>,
    free: Vec<Id>,
    ends: [Links; List::COUNT],
}

impl<T> Default for Chain<T> {
    fn default() -> Self {
        Self { nodes: Vec::new(), free: Vec::new(), ends: [UNLINKED; List::COUNT] }
    }
}

impl<T> Chain<T> {
    /// The first of a list.
    pub(crate) fn first(&self, list: List) -> Option<Id> {
        some(self.ends[list as usize].after)
    }

    /// The last of a list.
    pub(crate) fn last(&self, list: List) -> Option<Id> {
        some(self.ends[list as usize].before)
    }

    /// Who stands before a node on the list of all.
    pub(crate) fn before(&self, id: Id) -> Option<Id> {
        some(self.nodes[id].links[0].before)
    }

    /// Who stands after it there.
    pub(crate) fn after(&self, id: Id) -> Option<Id> {
        some(self.nodes[id].links[0].after)
    }

    pub(crate) fn get(&self, id: Id) -> Option<&T> {
        self.nodes.get(id)?.value.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.nodes.get_mut(id)?.value.as_mut()
    }

    /// Puts another value in a node's place, and takes the node from its second list.
    pub(crate) fn replace(&mut self, id: Id, value: T) -> Option<T> {
        self.leave(id);
        self.nodes[id].value.replace(value)
    }

    /// A new node at the end of the list of all, and of another one.
    pub(crate) fn push(&mut self, value: T, side: Option<List>) -> Id {
        let node = Node { links: [UNLINKED; 2], side: None, value: Some(value) };
        let id = match self.free.pop() {
            Some(id) => {
                self.nodes[id] = node;
                id
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() - 1
            }
        };
        self.link(List::All, id);
        if let Some(side) = side {
            self.enter(side, id);
        }
        id
    }

    /// Takes a node away.
    pub(crate) fn remove(&mut self, id: Id) -> Option<T> {
        self.leave(id);
        self.unlink(List::All, id);
        self.free.push(id);
        self.nodes[id].value.take()
    }

    /// Puts a node at the end of its second list, away from the one where it was.
    pub(crate) fn enter(&mut self, side: List, id: Id) {
        self.leave(id);
        self.link(side, id);
        self.nodes[id].side = Some(side);
    }

    fn leave(&mut self, id: Id) {
        if let Some(side) = self.nodes[id].side.take() {
            self.unlink(side, id);
        }
    }

    fn link(&mut self, list: List, id: Id) {
        let last = self.ends[list as usize].before;
        self.nodes[id].links[list.links()] = Links { before: last, after: NONE };
        *self.after_mut(list, last) = id;
        self.ends[list as usize].before = id;
    }

    fn unlink(&mut self, list: List, id: Id) {
        let Links { before, after } = self.nodes[id].links[list.links()];
        *self.after_mut(list, before) = after;
        match self.nodes.get_mut(after) {
            Some(node) => node.links[list.links()].before = before,
            None => self.ends[list as usize].before = before,
        }
    }

    /// The link from `id` on; from nobody on it is that to the first.
    fn after_mut(&mut self, list: List, id: Id) -> &mut Id {
        match self.nodes.get_mut(id) {
            Some(node) => &mut node.links[list.links()].after,
            None => &mut self.ends[list as usize].after,
        }
    }
}

fn some(id: Id) -> Option<Id> {
    (id != NONE).then_some(id)
}
