"""Read the timing of one call."""

from sleeptalk.phonexia import Phonexia

with Phonexia("http://localhost:8000") as phonexia:
    task = phonexia.get_time_analysis(
        "123e4567-e89b-12d3-a456-426614174000",
    )

if task.result is None:
    print(task.state, task.error)
else:
    for channel in task.result.channel_analyses:
        print("channel", channel.channel_number)
        print("speaks", channel.speech_duration, "s")
    for reaction in task.result.reaction_analyses:
        print("channel", reaction.reacting_channel)
        print("reacts", reaction.reactions_count)
