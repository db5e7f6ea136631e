"""Upload the recording of a call, and wait for what its analysis says."""

from sleeptalk.phonexia import Phonexia

with Phonexia("http://localhost:8000") as phonexia:
    started = phonexia.start_time_analysis("call.wav")
    print("started", started.task_id)
    analysis = phonexia.wait_for_time_analysis(started.task_id)

for channel in analysis.channel_analyses:
    print("channel", channel.channel_number)
    print("speaks", channel.speech_duration, "s")
