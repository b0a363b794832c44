-- Keeps the entry ARGV[1] at each of KEYS, for ARGV[2] milliseconds, unless what is there has a newer label.
-- An entry begins with its label, in twenty digits: they compare as text like the numbers that they are.
local label = string.sub(ARGV[1], 1, 20)
for _, key in ipairs(KEYS) do
    -- What is no text is an error here, and gives way like everything else that has no label.
    local held = redis.pcall('GETRANGE', key, 0, 19)
    local has_label = type(held) == 'string' and #held == 20 and not string.find(held, '%D')
    if not has_label or held <= label then
        redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    end
end
