"""What a type checker infers of time analyses. It is read by type checkers and never run."""

from typing import assert_type
from uuid import UUID

from sleeptalk.errors import RateLimited, TaskNotFound, TaskRejected
from sleeptalk.phonexia import (
    AsyncPhonexia,
    Phonexia,
    RequestError,
    TaskError,
    TaskState,
    TimeAnalysisResult,
    TimeAnalysisTask,
    TimeRange,
    json_pointer,
    parse,
)


def a_task_is_typed_to_its_last_value(phonexia: Phonexia) -> None:
    task = phonexia.get_time_analysis(UUID(int=0))
    assert_type(task, TimeAnalysisTask)
    assert_type(task.task_id, UUID)
    assert_type(task.state, TaskState)
    assert_type(task.result, TimeAnalysisResult | None)
    assert_type(task.error, TaskError | None)
    if task.error is not None and task.error.detail:
        assert_type(task.error.detail[0].location, list[int | str])
        assert_type(json_pointer(task.error.detail[0]), str)


def a_task_is_kept_and_read_again(task: TimeAnalysisTask) -> None:
    assert_type(parse(task.to_json()), TimeAnalysisTask)
    assert_type(TimeAnalysisTask.from_dict(task.to_dict()), TimeAnalysisTask)


def an_analysis_is_never_missing(phonexia: Phonexia) -> None:
    analysis = phonexia.wait_for_time_analysis("123e4567-e89b-12d3-a456-426614174000", timeout=60)
    assert_type(analysis, TimeAnalysisResult)
    assert_type(analysis.channel_analyses[0].speech_rate, float | None)
    assert_type(analysis.reaction_analyses[0].crosstalks, list[TimeRange])


async def not_sync(phonexia: AsyncPhonexia) -> None:
    async def progress(task: TimeAnalysisTask) -> None:
        assert_type(task.state, TaskState)

    assert_type(await phonexia.wait_for_time_analysis(UUID(int=0), on_progress=progress), TimeAnalysisResult)


def an_error_has_attributes(error: TaskRejected) -> None:
    assert_type(error.error, TaskError | None)
    assert_type(error.retry_after, float | None)
    assert_type(error.status, int | None)


def an_error_has_the_object_that_was_answered(missing: TaskNotFound, limited: RateLimited) -> None:
    assert_type(missing.error, RequestError | None)
    if isinstance(limited.error, RequestError):
        assert_type(limited.error.message, str)
