namespace Sluice.Storage.Records;

/// <summary>One state of one grain, as any storage can hold it.</summary>
/// <param name="GrainType">The grain's kind, such as <c>tenant</c>.</param>
/// <param name="GrainKey">Which of its kind.</param>
/// <param name="StateName">Which of the grain's states.</param>
/// <param name="Payload">The state as the storage's serializer wrote it.</param>
public sealed record GrainRecord(string GrainType, string GrainKey, string StateName, byte[] Payload);
