// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction, AuctionMath} from "../../../contracts/libraries/AuctionMath.sol";
import {LiquidationMath, Reduction} from "../../../contracts/libraries/LiquidationMath.sol";
import {Test} from "../../support/Test.sol";

/// @notice ROUND-1 of take-overs, to the unit: sizes up, discounts down, for the account that is taken from.
contract AuctionMath_rounding_Test is Test {
    function _position(uint256 poolCurvature, int256 skewCost) private pure returns (Reduction memory) {
        return Reduction(0, 0, 0, poolCurvature, skewCost);
    }

    function _auction(uint256 share) private pure returns (Auction memory auction) {
        auction.position = _position(1, 0);
        auction.share = share;
        auction.penaltyRate = 1e18;
    }

    /// @dev Only taking from a long turns the signs of the skew round.
    function test_skewCostDown_takesTheAverageAsItIs_whenNothingIsTaken() public pure {
        assertEq(AuctionMath.skewCostDown(0, 0, 5, 1e18), int256(-1));
        assertEq(AuctionMath.skewCostDown(-1, 0, 5, 1e18), int256(-6));
    }

    /// @dev Sizes worked out apart, with whole numbers of any width and each part rounded as the library says; a unit in any of them moves them.
    function test_targetUp_roundsEachPartAsItSays() public pure {
        Reduction memory position;
        Auction memory auction;
        position = Reduction(0, 282_521_293_905_623_372, 610, 6_996, 212_613_175_413_201_412);
        auction = Auction(
            position,
            871_520_987_705_042_502_184_018_117_846_159,
            871_520_987_705_042_502_184_018_117_846_160,
            212_357_174_961_943_107,
            78_380_709_469_740_511,
            62_542_229_263_134_196
        );
        assertEq(
            AuctionMath.targetUp(auction, 1_512_860_391_719_298_274),
            1_100_421_196_696_587_920_261_782_114_007_966
        );
        position = Reduction(0, 104_020_530_768_745_223, 716, 2, 7_927_931_858_125_882);
        auction = Auction(
            position,
            140_324_798_903_759_188_449_061_848_636_343,
            390_831_055_471_937_550_804_500_534_181_699,
            243_463_599_811_262_701,
            277_854_899_373_274_050,
            184_109_587_901_446_540
        );
        assertEq(
            AuctionMath.targetUp(auction, 1_567_447_623_529_983_323),
            3_067_686_884_814_107_749_594_877_311_103_060
        );
        position = Reduction(0, 35_473_833_795_410_955, 0, 6_191, 282_710_016_817_060_933);
        auction = Auction(
            position,
            83_251_055_472_645_777_135_830_926_956_666,
            86_511_354_999_600_655_848_931_425_066_809,
            457_025_268_373_136_188,
            44_370_589_906_501_941,
            172_869_857_147_991_285
        );
        assertEq(AuctionMath.targetUp(auction, 1_046_176_090_927_703_725), 337_280_887_829_672_059_623_959_991_589_671);
        position = Reduction(0, 190_910_977_519_061_495, 0, 6_191, 145_250_152_184_381_636);
        auction = Auction(
            position,
            529_568_774_590_649_699_017_342_568_812_711,
            529_568_774_590_649_699_017_342_568_812_712,
            885_105_923_889_465_531,
            59_129_208_008_063_907,
            78_197_084_461_498_981
        );
        assertEq(
            AuctionMath.targetUp(auction, 1_741_287_053_796_544_978),
            1_609_388_818_932_396_540_220_552_797_709_684
        );
        position = Reduction(0, 249_352_466_298_395_077, 594, 330, -146_351_970_381_687_444);
        auction = Auction(
            position,
            335_222_596_520_311_662_841_147_606_435_676,
            335_222_596_520_311_662_841_147_606_435_677,
            830_413_644_833_189_812,
            191_644_862_235_897_170,
            101_721_071_138_123_836
        );
        assertEq(AuctionMath.targetUp(auction, 1_711_972_299_640_896_567), 677_632_137_963_417_337_135_496_966_615_093);
        position = Reduction(0, 222_809_036_584_399_310, 258, 4_894, 119_611_652_676_875_995);
        auction = Auction(
            position,
            635_478_336_464_855_268_213_925_680_427_264,
            635_478_336_464_855_268_213_925_680_427_265,
            460_484_723_437_095_158,
            212_802_777_935_728_405,
            171_676_211_586_921_938
        );
        assertEq(AuctionMath.targetUp(auction, 1_356_342_199_629_086_633), 884_019_963_022_536_097_269_944_897_097_924);
        position = Reduction(0, 147_598_400_994_866_981, 0, 2, -41_214_816_538_014_204);
        auction = Auction(
            position,
            738_968_803_824_931_613_048_138_969_153_099,
            738_968_803_824_931_613_048_138_969_153_100,
            192_174_160_722_540_092,
            125_679_816_844_615_945,
            163_830_599_298_625_892
        );
        assertEq(
            AuctionMath.targetUp(auction, 1_321_980_421_954_629_335),
            1_330_053_180_345_216_530_165_192_977_353_757
        );
    }

    /// @dev Three units of requirement aim at four.
    function test_targetUp_aimsUp() public pure {
        Auction memory auction = _auction(0);
        (auction.equityUsd, auction.maintenanceUsd) = (3, 3);
        auction.position.marginalRate = 0.1e18;
        assertEq(AuctionMath.targetUp(auction, 1.1e18), 10, "1 / 0.11");
    }

    /// @dev Where nothing but a health near 1 stands between the target and nothing, a billionth of it is still computed with, less is not.
    function test_targetUp_isEverything_whenLessThanABillionthIsLeft() public pure {
        Auction memory auction = _auction(1e18);
        auction.position.marginalRate = 0.05e18;
        (auction.equityUsd, auction.maintenanceUsd, auction.band) = (1e18 - 1, 1e18, 1e18);
        assertEq(AuctionMath.targetUp(auction, 1e18 - 1 + 1e9), 20e18);
        assertEq(AuctionMath.targetUp(auction, 1e18 - 2 + 1e9), LiquidationMath.EVERYTHING);
        // A health of 1 - 10^-19 counts as 1.
        (auction.equityUsd, auction.maintenanceUsd) = (1e19 - 1, 1e19);
        assertEq(AuctionMath.targetUp(auction, 1e18 + 1e9), 200_000_000_020_000_000_000);
    }

    function test_liquidationCostDown_roundsDown() public pure {
        Auction memory auction = _auction(1e18);
        auction.penaltyRate = 0.5e18;
        assertEq(AuctionMath.liquidationCostDown(auction, 3), 1);
    }

    function test_impactRateDown_isALineThroughTheSkew() public pure {
        assertEq(AuctionMath.impactRateDown(_position(11, 5), 1e36), int256(15));
        assertEq(AuctionMath.impactRateDown(_position(1e36 + 1, 5), 1e36), int256(1e36 + 5));
    }

    function test_discountDown_roundsDown() public pure {
        assertEq(AuctionMath.discountDown(_auction(1e18), 5, 10), 0, "a tenth of five units");
        assertEq(AuctionMath.discountDown(_auction(0.5e18), 30, 10), 1, "half of three units");
    }

    function test_inventoryDiscountDown_roundsDown() public pure {
        assertEq(AuctionMath.inventoryDiscountDown(_position(1, 0.1e18), 30, 0.1e18, 0.5e18), 1);
    }
}
