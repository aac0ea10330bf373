namespace Sluice.Grains.Interfaces;

/// <summary>Marks a grain interface whose every method an edge may call. Silos refuse edges all other interfaces; see docs/security.md.</summary>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class EdgeCallableAttribute : Attribute;
