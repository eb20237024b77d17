use cascadeflow::Result;
use parking_lot::Mutex;

/// A value that belongs to the process that made it and is made anew in a child.
///
/// Connections of a provider are served by threads of the process that opened them; a forked child
/// that used them would wait for threads that it does not have.
pub(crate) struct PerProcess<T> {
    current: Mutex<(u32, T)>,
    make: Option<Box<dyn Fn() -> Result<T> + Send + Sync>>,
}

impl<T: Clone> PerProcess<T> {
    /// Makes the value with `make`, which a child will call again.
    ///
    /// # Errors
    /// The error of `make`.
    pub(crate) fn new(make: impl Fn() -> Result<T> + Send + Sync + 'static) -> Result<Self> {
        let current = Mutex::new((std::process::id(), make()?));
        Ok(Self { current, make: Some(Box::new(make)) })
    }

    /// A value without anything that belongs to a process.
    pub(crate) fn fixed(value: T) -> Self {
        Self { current: Mutex::new((std::process::id(), value)), make: None }
    }

    /// This process's value.
    ///
    /// # Errors
    /// The error of making it anew in a child.
    pub(crate) fn get(&self) -> Result<T> {
        let process = std::process::id();
        {
            let current = self.current.lock();
            if current.0 == process || self.make.is_none() {
                return Ok(current.1.clone());
            }
        }
        let made = match &self.make {
            Some(make) => make()?,
            None => self.current.lock().1.clone(),
        };
        let before = std::mem::replace(&mut *self.current.lock(), (process, made.clone()));
        // The parent's value must not close what it shares with the parent.
        std::mem::forget(before);
        Ok(made)
    }
}
