"""Warnings of libraries are silenced without a trace in the process, whatever threads do."""

import threading
import warnings

from ctnas.app.silence import silenced


def test_blocks_of_threads_leave_the_filters_as_they_were() -> None:
    before = list(warnings.filters)
    entered, done = threading.Event(), threading.Event()

    def first() -> None:
        with silenced():
            entered.set()
            done.wait(0.2)  # the other thread would be inside by now, and leave after this one

    def second() -> None:
        entered.wait(5)
        with silenced(UserWarning):
            done.wait(0.4)

    threads = [threading.Thread(target=each) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(warnings.filters) == before


def test_only_the_kind_that_is_named_is_silenced(recwarn) -> None:
    with silenced(UserWarning), silenced(DeprecationWarning):
        warnings.warn("not heard", UserWarning, stacklevel=1)
        warnings.warn("not heard", DeprecationWarning, stacklevel=1)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with silenced(UserWarning):
            warnings.warn("heard", RuntimeWarning, stacklevel=1)
    assert [str(each.message) for each in recwarn] == ["heard"]
